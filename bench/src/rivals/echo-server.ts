import { Child } from '../processes/child.js';
import { compiled } from '../processes/native.js';
import { usageOf } from '../processes/process-usage.js';
import { allowedProcessors } from '../processors.js';
import type { Sample } from '../sample.js';
import type { Rival, StartedRival } from './rival.js';
import { type ScriptRun, startScript } from './script.js';

/** What `echo-load` prints of a measurement. */
interface LoadReport {
  /** Between the end of the warming and the end of the time. */
  readonly messages: number;
  /** In all, each of them compared byte by byte. */
  readonly all: number;
  readonly seconds: number;
  readonly errors: number;
  readonly quantiles: readonly number[];
}

/** A server that listens, in a process of its own. */
interface Server {
  readonly child: Child;
  readonly ready: { readonly port: number };
}

/** An echo server on one processor, driven from another one over the loopback interface. */
export function echoServer(name: string, connections: number, run: ScriptRun): Rival {
  return {
    name,
    installed: run.runtime?.installed ?? false,
    warmsUp: true,
    start: (workshop) =>
      serve(workshop.milliseconds, connections, (processor) => startScript(workshop, { ...run, processor })),
  };
}

/** The same in C. */
export function nativeEchoServer(name: string, connections: number, source: string): Rival {
  return {
    name,
    start: (workshop) =>
      serve(workshop.milliseconds, connections, async (processor) => {
        const child = new Child(compiled(source), [], { processor, milliseconds: workshop.milliseconds });
        return { child, ready: await child.answer() };
      }),
  };
}

async function serve(
  milliseconds: number,
  connections: number,
  start: (processor: number | undefined) => Promise<Server>,
): Promise<StartedRival> {
  const load = compiled('echo-load');
  const [serverProcessor, loadProcessor] = allowedProcessors();
  const { child, ready } = await start(serverProcessor);
  const args = [String(ready.port), String(connections), String(milliseconds)];
  const generator = new Child(load, args, { processor: loadProcessor, milliseconds });
  const close = async (): Promise<void> => {
    await generator.close();
    await child.close();
  };
  try {
    await generator.answer();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    async measure(): Promise<Sample> {
      const before = usageOf(child.pid).cpuSeconds;
      generator.ask('measure');
      const { messages, all, seconds, errors, quantiles } = await generator.answer<LoadReport>();
      const used = usageOf(child.pid).cpuSeconds - before;
      // The processor time is that of all messages, the speed that of the warm ones.
      return {
        operations: messages,
        seconds,
        cpuSeconds: (used / all) * messages,
        errors,
        quantiles,
      };
    },
    close,
  };
}
