import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { MissingRival } from '../missing-rival.js';

const LAST_OUTPUT = 2000;
/** Milliseconds after which a child that was told to end is killed. */
const PATIENCE = 5000;

/** Milliseconds after which a child that owes an answer, or its end, is killed, beside twice those of a measurement. */
const ANSWER_WITHIN = 60_000;

/** Every child that has not ended, for the end of this process. */
const living = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

/**
 * What is the same for all, however the benchmark was started: as many threads for files as Node.js has by default, and
 * the backend that a contestant names, or the best one.
 */
const SURROUNDINGS = { UV_THREADPOOL_SIZE: '4', NODE_OPTIONS: undefined, POLYRING_BACKEND: undefined };

/** How a child is started. */
export interface ChildOptions {
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** The folder that it is started in; that of the benchmark by default. */
  readonly cwd?: string | undefined;
  /** The processor that it is pinned to. */
  readonly processor?: number | undefined;
  /** Length of one measurement. */
  readonly milliseconds: number;
  /** Milliseconds for whatever else it does before it answers, or ends; a minute by default. */
  readonly answerWithin?: number;
}

/** A process that speaks in lines: it prints one when it is ready, and one for each line that it is sent. */
export class Child {
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #answerWithin: number;
  readonly #lines: AsyncIterableIterator<string>;
  readonly #ended: Promise<unknown>;
  #errors = '';

  constructor(
    command: string,
    args: readonly string[],
    { env, cwd, processor, milliseconds, answerWithin = ANSWER_WITHIN }: ChildOptions,
  ) {
    this.#name = [command, ...args].join(' ');
    this.#answerWithin = answerWithin + 2 * milliseconds;
    const pinned =
      processor === undefined ? [command, ...args] : ['taskset', '-c', String(processor), command, ...args];
    const child = spawn(pinned[0] as string, pinned.slice(1), {
      env: { ...process.env, ...SURROUNDINGS, ...env },
      cwd,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child = child;
    living.add(child);
    this.#ended = Promise.race([once(child, 'close'), once(child, 'error')])
      .catch(() => {})
      .finally(() => living.delete(child));
    child.on('error', (error) => {
      this.#errors += error.message;
    });
    child.stdin?.on('error', () => {});
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-LAST_OUTPUT);
    });
    this.#lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /**
   * The next line that it prints, as JSON.
   *
   * @throws {@link MissingRival} where it says what it lacks
   */
  async answer<T>(): Promise<T> {
    const { value, done } = await this.#inTime('gave no answer', () => this.#lines.next());
    if (done === true) {
      await this.#ended;
      throw new Error(`${this.#name} ended without an answer. ${this.#errors.trim()}`.trim());
    }
    const answer = JSON.parse(value) as T & { readonly missing?: string };
    if (answer.missing !== undefined) throw new MissingRival(answer.missing);
    return answer;
  }

  /** Everything that it prints, to its end. */
  async text(): Promise<string> {
    this.#child.stdin?.end();
    const lines: string[] = [];
    await this.#inTime('did not end', async () => {
      for await (const line of this.#lines) lines.push(line);
      await this.#ended;
    });
    if (this.#child.exitCode !== 0) throw new Error(`${this.#name} failed. ${this.#errors.trim()}`);
    return lines.join('\n');
  }

  /** Kills it if what it owes takes too long. */
  async #inTime<T>(failure: string, owed: () => Promise<T>): Promise<T> {
    const timer = setTimeout(() => {
      this.#errors += `It ${failure} within ${this.#answerWithin / 1e3} s.`;
      this.#child.kill('SIGKILL');
    }, this.#answerWithin);
    try {
      return await owed();
    } finally {
      clearTimeout(timer);
    }
  }

  /** Sends a line. */
  ask(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** Ends its input and waits until it has ended by that. */
  async close(): Promise<void> {
    this.#child.stdin?.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), PATIENCE);
    await this.#ended;
    clearTimeout(timer);
  }
}

/** Runs a program to its end, and gives its last line as JSON. */
export async function runProgram<T>(command: string, args: readonly string[], options: ChildOptions): Promise<T> {
  const child = new Child(command, args, options);
  try {
    return await child.answer<T>();
  } finally {
    await child.close();
  }
}
