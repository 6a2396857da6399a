import type { Interpreter } from './interpreter.js';
import { PipeSource } from './pipe-source.js';
import type { Scene } from './scene.js';
import type { Settling } from './settling.js';
import type { PipeName } from './step.js';
import type { TimerActor } from './timer-actor.js';
import type { Trace } from './trace.js';

/** Longer than the near deadlines of programs. */
const A_WHILE = 2;

/** What the end of a program works with. */
export interface EpilogueParts {
  readonly scene: Scene;
  readonly trace: Trace;
  readonly settling: Settling;
  readonly interpreter: Interpreter;
}

/**
 * Lets whatever a program began come to its end, so that nothing that went wrong stays unseen: a signal that is missing,
 * a cache that was not forgotten, a slot that is not woken any more, an object that was disposed and is not dead.
 */
export async function epilogue({ scene, trace, settling, interpreter }: EpilogueParts): Promise<void> {
  await settling.quieten();
  for (const readiness of scene.readinesses) readiness.pollAgain();
  await letTimersPass();
  for (const wait of scene.waits) if (wait.waiting) wait.cancel();
  await settling.quieten();
  readAll();
  if (scene.readinesses.length > 0) {
    await raiseAgain();
    await hangUp();
  }
  trace.step('dispose of everything, and raise every event');
  for (const actor of scene.actors) actor.dispose();
  raiseAll();
  await settling.settle();
  readAll();

  /** A timer that is pending and far away must not be ready because of a deadline that it had before. */
  async function letTimersPass(): Promise<void> {
    const pending = (): TimerActor[] => scene.timers.filter(({ waiters: [waiter] }) => waiter.pending);
    if (pending().length === 0) return;
    await settling.pass(A_WHILE);
    for (const timer of pending()) timer.poll();
  }

  /** Whoever polled before, and has read everything and cleared, is woken by what is new. */
  async function raiseAgain(): Promise<void> {
    await settling.settle();
    for (const readiness of scene.readinesses) readiness.clearAndPoll();
    trace.step('raise every event');
    raiseAll();
    await settling.quieten();
  }

  async function hangUp(): Promise<void> {
    const pipes = scene.sources.filter(([, source]) => source instanceof PipeSource && source.writing);
    for (const [name] of pipes) interpreter.do({ do: 'close', descriptor: `${name as PipeName}.writer` });
    if (pipes.length > 0) await settling.quieten();
  }

  function raiseAll(): void {
    for (const [, source] of scene.sources) source.raise();
  }

  function readAll(): void {
    for (const [name, source] of scene.sources) {
      if (source instanceof PipeSource && !source.reading) continue;
      trace.step(`read everything from ${name}`);
      trace.answer(source.drain());
    }
  }
}
