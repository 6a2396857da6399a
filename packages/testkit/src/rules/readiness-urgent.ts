import assert from 'node:assert/strict';
import { type Driver, InterestSlot, Pending, PollEvents, type RawFd } from '@polyring/core';
import { MSG_OOB, send, tryRecv } from '@polyring/sys';
import { type Register, readyFor } from '../polling/readiness.js';
import { Wakes } from '../polling/wakes.js';
import type { RuleContext } from '../running/context.js';
import { forBothParts } from './readiness-parts.js';

const { Read, Write } = InterestSlot;
const { IN, PRI } = PollEvents;
const BYTE = Buffer.from('x');
const URGENT = Buffer.from('!');

function takeUrgent(fd: RawFd): void {
  const buffer = Buffer.alloc(1);
  assert.equal(tryRecv(fd, buffer, 0, 1, MSG_OOB), 1);
  assert.equal(buffer.toString(), '!');
}

async function urgent(context: RuleContext, register: Register): Promise<void> {
  const driver = await context.createDriver();
  for (const slot of [Read, Write] as const) {
    const [end, peer] = context.fixtures.tcpPair();
    using readiness = register(driver, end.fd);
    const waiting = readyFor(readiness, slot, PRI);
    await context.barrier(driver);
    // Ordinary data before it, which somebody else reads, leaves the waiter waiting.
    peer.write(BYTE);
    await context.barrier(driver);
    end.drain();
    send(peer.fd, URGENT, 0, 1, MSG_OOB);
    assert.ok((await waiting) & PRI);
    takeUrgent(end.fd);
  }
  for (const early of [true, false]) await urgentAfterDraining(context, driver, register, early);
}

/** Urgent data that comes after a clear that says that the connection was drained, while somebody waits or nobody does. */
async function urgentAfterDraining(
  context: RuleContext,
  driver: Driver,
  register: Register,
  early: boolean,
): Promise<void> {
  const [end, peer] = context.fixtures.tcpPair();
  using readiness = register(driver, end.fd);
  const reading = readyFor(readiness, Read, IN);
  peer.write(BYTE);
  await reading;
  end.drain();
  readiness.clear(Read, true);
  let waiting = early ? undefined : readyFor(readiness, Read, PRI);
  await context.barrier(driver);
  send(peer.fd, URGENT, 0, 1, MSG_OOB);
  await context.barrier(driver);
  waiting ??= readyFor(readiness, Read, PRI);
  assert.ok((await waiting) & PRI);
  takeUrgent(end.fd);
}

async function ordinaryData(context: RuleContext, register: Register): Promise<void> {
  const driver = await context.createDriver();
  const [end, peer] = context.fixtures.tcpPair();
  using readiness = register(driver, end.fd);
  const both = readyFor(readiness, Read, IN | PRI);
  const onlyUrgent = new Wakes();
  assert.equal(readiness.poll(onlyUrgent.waker, Write, PRI), Pending);
  await context.barrier(driver);
  peer.write(BYTE);
  assert.equal(await both, IN, 'ordinary data is told as urgent');
  await context.barrier(driver);
  assert.equal(readiness.poll(onlyUrgent.waker, Write, PRI), Pending, 'ordinary data completed a poll for PRI');
}

/** The rules of urgent data, of which a descriptor of a TCP connection tells as its socket does. */
export const readinessUrgentRules = forBothParts((rule) => [
  rule('urgent', 'Urgent data completes a poll for PRI, after a clear of a drained connection too', urgent),
  rule('ordinary-data', 'Ordinary data is told as IN, and not as PRI', ordinaryData),
]);
