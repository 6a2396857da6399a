import {
  AbortError,
  asyncCancel,
  type Driver,
  Entry,
  IORING_OP_NOP,
  nop,
  PolledTimer,
  read,
  readFixed,
  readv,
  timeout,
  write,
} from '@polyring/core';
import { tryWrite } from '@polyring/sys';
import { lockableBytes } from '../memory/lockable.js';
import type { Chance } from './chance.test-support.js';

/** NOP completes with the result that it carries. Linux 6.11. */
const IORING_NOP_INJECT_RESULT = 1 << 0;

const LONG = 3_600_000;

/** Where a user may lock little memory, what other tests of his lock at the same time leaves none to register. */
const LOCKS_LITTLE = lockableBytes() < 2 ** 26;

/** What the operations of a storm work on. */
export interface StormFiles {
  /** A file and what stands in it. */
  readonly file: number;
  readonly content: Buffer;
  /** Where writes go. */
  readonly sink: number;
  /** A pipe that is nearly always empty. */
  readonly pipe: readonly [read: number, write: number];
}

/** One driver's life, as its operations see it. */
export interface StormContext extends StormFiles {
  readonly driver: Driver;
  readonly chance: Chance;
  /** Whether NOPs carry results, which then tell one from another. */
  readonly injects: boolean;
  /** Operations that end only when somebody ends them. */
  readonly victims: Victim[];
  /** Whether an operation may be refused for want of registered memory. */
  readonly refusesRegister: boolean;
}

interface Victim {
  readonly entry: Entry;
  readonly controller: AbortController;
  /** Whether somebody cancels it through its entry. */
  cancelled: boolean;
}

/** Starts an operation. What it returns rejects with what is wrong about its end, or with what ended the driver. */
export type StormOperation = (context: StormContext) => Promise<unknown>;

/** The operations of a storm, each as often as its number says. */
export const STORM_OPERATIONS: readonly (readonly [frequency: number, name: string, start: StormOperation])[] = [
  [60, 'nop', countedNop],
  [8, 'read', fileRead],
  [3, 'readv', vectoredRead],
  [3, 'readFixed', fixedRead],
  [8, 'write', sinkWrite],
  [6, 'blocked read', blockedRead],
  [3, 'timeout', expiringTimeout],
  [3, 'long timeout', longTimeout],
  [4, 'cancel', cancelVictim],
  [1, 'timer', timer],
  [1, 'pipe write', pipeWrite],
];

async function countedNop({ driver, chance, injects }: StormContext): Promise<void> {
  if (!injects) return same(await driver.ioUringSubmit(nop()), 0);
  const result = chance.integer(2 ** 31);
  const entry = Entry.unsafe({ opcode: IORING_OP_NOP, len: result, opFlags: IORING_NOP_INJECT_RESULT });
  same(await driver.ioUringSubmit(entry), result);
}

async function fileRead({ driver, chance, file, content }: StormContext): Promise<void> {
  const length = 1 + chance.integer(8192);
  const at = chance.integer(content.length - length);
  const lent = chance.percent(50) ? driver.allocate(length) : undefined;
  const bytes = lent?.bytes ?? Buffer.alloc(length);
  try {
    same(await driver.ioUringSubmit(read(file, bytes, at, { async: chance.percent(20) })), length);
    if (!bytes.equals(content.subarray(at, at + length))) throw new Error('other bytes were read');
  } finally {
    lent?.release();
  }
}

async function vectoredRead({ driver, chance, file, content }: StormContext): Promise<void> {
  const at = chance.integer(content.length - 300);
  const vectors = [Buffer.alloc(100), Buffer.alloc(0), Buffer.alloc(200)];
  same(await driver.ioUringSubmit(readv(file, vectors, at)), 300);
  if (!Buffer.concat(vectors).equals(content.subarray(at, at + 300))) throw new Error('other bytes were read');
}

async function fixedRead({ driver, chance, file, content, refusesRegister }: StormContext): Promise<void> {
  const at = chance.integer(content.length - 500);
  const bytes = Buffer.alloc(500);
  try {
    same(await driver.ioUringSubmit(readFixed(file, bytes, at)), 500);
  } catch (error) {
    if ((refusesRegister || LOCKS_LITTLE) && hasCode(error, 'ENOMEM')) return;
    throw error;
  }
  if (!bytes.equals(content.subarray(at, at + 500))) throw new Error('other bytes were read');
}

async function sinkWrite({ driver, chance, sink }: StormContext): Promise<void> {
  const length = 1 + chance.integer(40_000);
  same(await driver.ioUringSubmit(write(sink, Buffer.allocUnsafe(length), 0)), length);
}

function blockedRead(context: StormContext): Promise<void> {
  return victim(context, read(context.pipe[0], Buffer.alloc(1)), (result) => same(result, 1));
}

function longTimeout(context: StormContext): Promise<void> {
  return victim(context, timeout(LONG), () => {
    throw new Error('a long timeout has expired');
  });
}

async function expiringTimeout({ driver, chance }: StormContext): Promise<void> {
  try {
    await driver.ioUringSubmit(timeout(chance.integer(3)));
  } catch (error) {
    if (hasCode(error, 'ETIME')) return;
    throw error;
  }
  throw new Error('a timeout did not reject');
}

/** Cancels one that waits, by its signal or by its entry. */
async function cancelVictim({ driver, chance, victims }: StormContext): Promise<void> {
  if (victims.length === 0) return;
  const target = victims.splice(chance.integer(victims.length), 1)[0] as Victim;
  if (chance.percent(50)) {
    target.controller.abort();
    return;
  }
  target.cancelled = true;
  try {
    same(await driver.ioUringSubmit(asyncCancel(target.entry)), 0);
  } catch (error) {
    // It was over, or is at its end.
    if (hasCode(error, 'ENOENT') || hasCode(error, 'EALREADY')) return;
    throw error;
  }
}

async function timer({ driver, chance }: StormContext): Promise<void> {
  await PolledTimer.sleep(driver, chance.integer(3));
}

async function pipeWrite({ pipe }: StormContext): Promise<void> {
  tryWrite(pipe[1], Buffer.alloc(1));
}

async function victim(context: StormContext, entry: Entry, check: (result: number) => void): Promise<void> {
  const self: Victim = { entry, controller: new AbortController(), cancelled: false };
  context.victims.push(self);
  try {
    check(await context.driver.ioUringSubmit(entry, { signal: self.controller.signal }));
  } catch (error) {
    if (self.controller.signal.aborted && error instanceof AbortError) return;
    // The kernel gives up on a read that was woken 128 times because of bytes that others read.
    if (hasCode(error, 'EAGAIN')) return;
    if (self.cancelled && hasCode(error, 'ECANCELED')) return;
    throw error;
  } finally {
    const place = context.victims.indexOf(self);
    if (place >= 0) context.victims.splice(place, 1);
  }
}

/** Whether an error has a code. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function same(result: number, expected: number): void {
  if (result !== expected) throw new Error(`the result is ${result}, not ${expected}`);
}
