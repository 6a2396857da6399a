import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  after,
  asyncCancel,
  EpollEventsResult,
  epollCtl,
  epollWait,
  futexWait,
  futexWaitv,
  futexWake,
  IORING_OP_ASYNC_CANCEL,
  IORING_OP_EPOLL_CTL,
  IORING_OP_EPOLL_WAIT,
  IORING_OP_FUTEX_WAIT,
  IORING_OP_FUTEX_WAITV,
  IORING_OP_FUTEX_WAKE,
  IORING_OP_LINK_TIMEOUT,
  IORING_OP_POLL_ADD,
  IORING_OP_POLL_REMOVE,
  IORING_OP_TIMEOUT,
  IORING_OP_TIMEOUT_REMOVE,
  IORING_OP_WAITID,
  linkTimeout,
  now,
  PollEvents,
  pollAdd,
  pollMultishot,
  pollRemove,
  pollUpdate,
  type TimeoutTime,
  timeout,
  timeoutRemove,
  timeoutUpdate,
  WaitidResult,
  waitid,
} from '@polyring/core';
import {
  EPOLL_EVENT_WORDS,
  epollCreate,
  epollWait as epollWaitNow,
  eventfd,
  pidfdOpen,
  pipe2,
  write as writeNow,
} from '@polyring/sys';
import { rejects } from '@polyring/test-support';
import * as assert from 'uvu/assert';
import { opcodeSuite } from './opcode-suite.test-support.js';

const suite = opcodeSuite('opcodes that wait');
const LONG = 1_000_000;

suite.covers([IORING_OP_POLL_ADD, IORING_OP_POLL_REMOVE], 'a poll waits, is changed and removed', async (context) => {
  const { submit, fails, opened } = context;
  const [reader, writer] = pipe2().map(opened) as [number, number];
  const waiting = submit(pollAdd(reader, PollEvents.IN));
  writeNow(writer, Buffer.from('x'));
  assert.is(await waiting, PollEvents.IN);
  const several = pollMultishot(writer, PollEvents.PRI);
  const polls = context.driver.multishot(several);
  const changed = polls.next();
  assert.is(await submit(pollUpdate(several, PollEvents.OUT)), 0);
  assert.is((await changed).value?.result, PollEvents.OUT);
  await polls.return();
  const entry = pollAdd(writer, PollEvents.PRI);
  const removed = submit(entry);
  assert.is(await submit(pollRemove(entry)), 0);
  await rejects(removed, 'ECANCELED');
  await fails(pollRemove(entry), 'ENOENT');
});

suite.covers(
  [IORING_OP_TIMEOUT, IORING_OP_TIMEOUT_REMOVE],
  'a timeout expires, is moved and removed',
  async (context) => {
    const { submit, fails } = context;
    const start = now();
    await fails(timeout(20), 'ETIME');
    assert.ok(now() - start >= 20);
    await fails(timeout({ at: after(5) }), 'ETIME');
    const entry = timeout(LONG);
    const moved = submit(entry);
    assert.is(await submit(timeoutUpdate(entry, { at: after(10) })), 0);
    await rejects(moved, 'ETIME');
    const again = submit(entry);
    assert.is(await submit(timeoutUpdate(entry, 5)), 0);
    await rejects(again, 'ETIME');
    const removed = submit(entry);
    assert.is(await submit(timeoutRemove(entry)), 0);
    await rejects(removed, 'ECANCELED');
    await fails(timeoutUpdate(entry, 5), 'ENOENT');
  },
);

suite.covers([IORING_OP_LINK_TIMEOUT], 'a linked timeout ends the operation before it', async (context) => {
  const { driver, fails, opened } = context;
  const event = opened(eventfd());
  const ends = async (time: TimeoutTime): Promise<(number | string)[]> => {
    const results = await driver.submitLinked([pollAdd(event, PollEvents.IN), linkTimeout(time)]);
    return results.map((result) => (result.status === 'fulfilled' ? result.value : result.reason.code));
  };
  assert.equal(await ends(5), ['ECANCELED', 'ETIME']);
  writeNow(event, BigUint64Array.of(1n));
  assert.equal(await ends({ at: after(LONG) }), [PollEvents.IN, 'ECANCELED']);
  await fails(linkTimeout(5), 'EINVAL');
});

suite.covers([IORING_OP_ASYNC_CANCEL], 'operations are cancelled by entry and by descriptor', async (context) => {
  const { submit, fails, opened } = context;
  const event = opened(eventfd());
  const entry = pollAdd(event, PollEvents.IN);
  const one = submit(entry);
  assert.is(await submit(asyncCancel(entry)), 0);
  await rejects(one, 'ECANCELED');
  await fails(asyncCancel(entry), 'ENOENT');
  const several = [1, 2, 3].map(() => rejects(submit(pollAdd(event, PollEvents.IN)), 'ECANCELED'));
  assert.is(await submit(asyncCancel({ fd: event, all: true })), 3);
  await Promise.all(several);
});

suite.covers([IORING_OP_EPOLL_CTL], 'an epoll set is filled and emptied', async ({ submit, fails, opened }) => {
  const set = opened(epollCreate());
  const event = opened(eventfd(1));
  const events = new Uint32Array(EPOLL_EVENT_WORDS);
  assert.is(await submit(epollCtl(set, 'add', event, { events: PollEvents.IN, data: 7n })), 0);
  await fails(epollCtl(set, 'add', event, { events: PollEvents.IN, data: 7n }), 'EEXIST');
  assert.is(epollWaitNow(set, events, 1), 1);
  assert.equal([...events.subarray(0, 2)], [PollEvents.IN, 7]);
  await submit(epollCtl(set, 'modify', event, { events: PollEvents.ERR, data: 7n }));
  assert.is(epollWaitNow(set, events, 1), 0);
  assert.is(await submit(epollCtl(set, 'delete', event)), 0);
  await fails(epollCtl(set, 'delete', event), 'ENOENT');
});

suite.covers([IORING_OP_EPOLL_CTL, IORING_OP_EPOLL_WAIT], 'an epoll set is filled and waited for', async (context) => {
  const { submit, fails, opened } = context;
  const set = opened(epollCreate());
  const event = opened(eventfd());
  const data = 0xfedc_ba98_7654_3210n;
  assert.is(await submit(epollCtl(set, 'add', event, { events: PollEvents.IN, data })), 0);
  await fails(epollCtl(set, 'add', event, { events: PollEvents.IN, data }), 'EEXIST');
  const result = new EpollEventsResult(4);
  const waiting = submit(epollWait(set, result));
  writeNow(event, BigUint64Array.of(1n));
  assert.is(await waiting, 1);
  assert.equal(result.take(1), [{ events: PollEvents.IN, data }]);
  await submit(epollCtl(set, 'modify', event, { events: PollEvents.OUT, data: 7n }));
  assert.is(await submit(epollWait(set, result, 1)), 1);
  assert.equal(result.take(1), [{ events: PollEvents.OUT, data: 7n }]);
  assert.is(await submit(epollCtl(set, 'delete', event)), 0);
  await fails(epollCtl(set, 'delete', event), 'ENOENT');
});

suite.covers([IORING_OP_FUTEX_WAIT, IORING_OP_FUTEX_WAKE], 'a futex is waited for and woken', async (context) => {
  const { driver, submit, fails } = context;
  const lent = driver.allocate(8);
  const word = new Uint32Array(lent.bytes.buffer, lent.bytes.byteOffset, 2);
  word[0] = 0xffff_ffff;
  const waits = [submit(futexWait(word, -1)), submit(futexWait(word, 0xffff_ffff, { mask: 2 }))];
  assert.is(await submit(futexWake(word, 5, { mask: 4 })), 1, 'one listens to all bits');
  assert.is(await waits[0], 0);
  assert.is(await submit(futexWake(word, 5, { mask: 6 })), 1);
  assert.is(await waits[1], 0);
  assert.is(await submit(futexWake(word)), 0);
  await fails(futexWait(word, 3), 'EAGAIN');
  const other = await fails(futexWait(new Int32Array(1), 0), 'ERR_INVALID_ARG_TYPE');
  assert.match(other.message, /allocate/);
  await rejects(driver.ioUringSubmit(futexWait(word, -1), { signal: AbortSignal.timeout(1) }), 'ABORT_ERR');
});

suite.covers([IORING_OP_FUTEX_WAITV, IORING_OP_FUTEX_WAKE], 'one of several futexes is woken', async (context) => {
  const { driver, submit, fails } = context;
  const lent = driver.allocate(12);
  const words = [0, 1, 2].map((index) => new Int32Array(lent.bytes.buffer, lent.bytes.byteOffset + 4 * index, 1));
  const waiters = words.map((word) => ({ word, expected: 0 }));
  const waiting = submit(futexWaitv(waiters));
  assert.is(await submit(futexWake(words[2] as Int32Array)), 1);
  assert.is(await waiting, 2);
  await fails(futexWaitv([{ word: words[0] as Int32Array, expected: 9 }]), 'EAGAIN');
});

suite.covers([IORING_OP_WAITID], 'a child is waited for, and left to Node.js', async (context) => {
  const { submit, fails, opened } = context;
  const result = new WaitidResult();
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume().on("end", () => process.exit(7))']);
  const ended = once(child, 'exit');
  const pid = child.pid as number;
  await submit(waitid({ pid }, result, { nohang: true }));
  assert.is(result.pid, 0);
  assert.is(result.state, 'none');
  const waiting = submit(waitid({ pid }, result));
  child.stdin.end();
  assert.is(await waiting, 0);
  assert.is(result.pid, pid);
  assert.is(result.state, 'exited');
  assert.is(result.status, 7);
  assert.is(result.uid, process.getuid?.());
  assert.equal(await ended, [7, null]);

  const killed = spawn(process.execPath, ['-e', 'process.stdin.resume()']);
  const killedEnd = once(killed, 'exit');
  const pidfd = opened(pidfdOpen(killed.pid as number));
  const waitingForKill = submit(waitid({ pidfd }, result));
  killed.kill('SIGKILL');
  await waitingForKill;
  assert.is(result.state, 'killed');
  assert.is(result.status, 9);
  await killedEnd;
  await fails(waitid({ pid }, result), 'ECHILD');
});

suite.run();
