import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Rule } from '@polyring/testkit';
import { signalGroup } from '../../../scripts/test-runner/process-group.mjs';

/** What one rule said about one driver. */
export interface Trial {
  /** `hung`: the rule's process was killed, as its thread never came back. `died`: it ended without a verdict. */
  readonly verdict: 'passed' | 'failed' | 'skipped' | 'hung' | 'died';
  /** What the rule found, in one line. Empty if it passed. */
  readonly finding: string;
  readonly milliseconds: number;
}

/** What the process is told for each trial. It answers with a {@link Trial}. */
export interface TrialJob {
  readonly id: string;
  readonly seed: number;
  /** Milliseconds that the check may take. */
  readonly timeLimit: number;
}

const SCRIPT = fileURLToPath(new URL('./run-trials.js', import.meta.url));

/** Every run has the same seed: what convicts today convicts tomorrow. */
const SEED = 1;

/** Milliseconds, before scaling, that a process may take to start and warm up, and to clean up after a rule that hangs. */
const ALLOWANCE = 20_000;

const LONGEST_FINDING = 160;

/** Characters of the process's output that are kept, from its end. */
const OUTPUT_LIMIT = 32_768;

/**
 * A process that tries rules on one driver, one after another. It is killed from outside if its thread does not come
 * back, with everything that it started.
 */
export class TrialProcess implements Disposable {
  readonly #patience: number;
  readonly #child: ChildProcess;
  #output = '';
  #trials = 0;

  /**
   * @param query names the driver: see `subject.ts`
   * @param patience the factor of what is allowed besides the checks
   */
  constructor(query: string, patience: number) {
    this.#patience = patience;
    this.#child = fork(SCRIPT, [query], { detached: true, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output = (this.#output + text).slice(-OUTPUT_LIMIT);
      });
    }
    process.once('exit', this.#kill);
  }

  /** How many trials it was used for. */
  get trials(): number {
    return this.#trials;
  }

  /**
   * Tries a rule.
   *
   * @param limit milliseconds that the check may take
   */
  async try(rule: Rule, limit: number): Promise<Trial> {
    this.#trials += 1;
    const started = performance.now();
    const job: TrialJob = { id: rule.id, seed: SEED, timeLimit: limit };
    const said = await this.#ask(job, 3 * limit + ALLOWANCE * this.#patience);
    const milliseconds = performance.now() - started;
    if (said === 'hung') return { verdict: said, finding: 'its thread never came back', milliseconds };
    if (typeof said === 'string') {
      return { verdict: 'died', finding: `${said}: ${shortened(this.#output)}`, milliseconds };
    }
    return said;
  }

  /** Ends the process and everything that it started. */
  [Symbol.dispose](): void {
    process.off('exit', this.#kill);
    this.#kill();
  }

  /** What the process answers, `hung`, or how it ended. */
  #ask(job: TrialJob, limit: number): Promise<Trial | string> {
    const child = this.#child;
    return new Promise((resolve) => {
      const settle = (said: Trial | string): void => {
        clearTimeout(timer);
        child.off('message', settle);
        child.off('close', onClose);
        resolve(said);
      };
      const onClose = (code: number | null, signal: string | null): void => settle(signal ?? `exit code ${code}`);
      const timer = setTimeout(() => {
        this.#kill();
        settle('hung');
      }, limit);
      child.once('message', settle);
      child.once('close', onClose);
      // One that has died is told by its end.
      child.send(job, () => {});
    });
  }

  readonly #kill = (): void => {
    if (this.#child.pid !== undefined) signalGroup(this.#child.pid, 'SIGKILL');
  };
}

/** The text in one line that is not too long. */
export function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length <= LONGEST_FINDING ? line : `${line.slice(0, LONGEST_FINDING)}...`;
}
