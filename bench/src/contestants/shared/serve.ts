import { createInterface } from 'node:readline';
import type { Sample } from '../../sample.js';

/** What every contestant is told. */
export interface Told {
  /** Length of one measurement. */
  readonly milliseconds: number;
}

/** The options that this contestant was started with. */
export function told<T>(): T & Told {
  return JSON.parse(process.argv[2] as string) as T & Told;
}

/** Whether the contestant has said that it is ready. */
export let isReady = false;

/** Says that the contestant is ready, and what its process is told of it. What fails from now on is at fault. */
export function sayReady(ready: object = {}): void {
  isReady = true;
  say(ready);
}

/** Says that the contestant is ready, measures each time it is asked to, and ends with its standard input. */
export function answer(measure: () => Promise<Sample>): Promise<never> {
  return answerEach(measure);
}

/** As {@link answer}, for a contestant that is measured from outside: says what went wrong each time it is asked. */
export function answerErrors(ready: object, check: () => Promise<Pick<Sample, 'errors'>>): Promise<never> {
  return answerEach(check, ready);
}

async function answerEach(give: () => Promise<object>, ready?: object): Promise<never> {
  sayReady(ready);
  for await (const _line of createInterface({ input: process.stdin })) say(await give());
  process.exit(0);
}

/** Prints one line of JSON. */
export function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Ends this process with its standard input, for a contestant that is measured from outside. */
export function endWithInput(): void {
  process.stdin.on('end', () => process.exit(0)).resume();
}
