import { setTimeout as sleep } from 'node:timers/promises';
import { usageOf } from '../processes/process-usage.js';
import type { Sample } from '../sample.js';
import type { Rival } from './rival.js';
import { type ScriptRun, startScript } from './script.js';

/**
 * A process that waits for nothing to happen, watched from outside. Its own figures come with its first line. After each
 * time it says what went wrong.
 */
export function idleProcess(name: string, run: ScriptRun): Rival {
  return {
    name,
    async start(workshop) {
      const {
        child,
        ready: { figures },
      } = await startScript<{ readonly figures: Readonly<Record<string, number>> }>(workshop, run);
      return {
        async measure() {
          // What its start has left to do is done by then.
          await sleep(workshop.milliseconds);
          const before = usageOf(child.pid);
          const started = performance.now();
          await sleep(workshop.milliseconds * 2);
          const after = usageOf(child.pid);
          const seconds = (performance.now() - started) / 1e3;
          const wakeups = (after.sleeps - before.sleeps) / seconds;
          const idleCpu = ((after.cpuSeconds - before.cpuSeconds) * 1e3) / seconds;
          child.ask('check');
          const { errors } = await child.answer<Pick<Sample, 'errors'>>();
          return { operations: 1, seconds, errors, figures: { ...figures, wakeups, idleCpu } };
        },
        close: () => child.close(),
      };
    },
  };
}
