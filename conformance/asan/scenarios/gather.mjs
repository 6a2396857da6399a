// gather.mjs <attack>: calls on several views, whose array has a getter that takes the memory of another view away
// after the views were checked and while the addon gathers them.
import assert from 'node:assert/strict';
import { close, socketpair, tryRead, tryReadv, tryRecvmsg, trySendmsg, tryWritev, write } from '@polyring/sys';
import { ATTACKS } from './attacks.mjs';
import { checkInstrumented, detach, say } from './instruments.mjs';

const SIZE = 20_000;
const REST = Buffer.alloc(64, 'rest');
const SCRIBBLE = 0xee;

const CALLS = {
  readv: { reads: true, run: tryReadv },
  recvmsg: { reads: true, run: receive },
  writev: { reads: false, run: tryWritev },
  sendmsg: { reads: false, run: (fd, buffers) => trySendmsg(fd, { buffers }) },
};

const attack = ATTACKS[process.argv[2]];
const taken = [];

checkInstrumented('POLYRING_SYS_ADDON_ROOT');
for (const [name, call] of Object.entries(CALLS)) {
  for (const View of [Uint8Array, DataView]) {
    // The addon has a place of its own for a few vectors.
    for (const count of [2, 40]) judge(`${name} of ${count} views, a ${View.name} first`, call, View, count);
  }
}
for (const buffer of taken) assert.ok(isScribble(buffer), 'somebody else was written to');
say('ended');

function receive(fd, buffers) {
  const received = tryRecvmsg(fd, { buffers });
  return typeof received === 'number' ? received : received.bytes;
}

function judge(what, { reads, run }, View, count) {
  const [near, far] = socketpair();
  const buffer = attack.make?.(SIZE) ?? new ArrayBuffer(SIZE);
  const left = attack.takesBytes === true ? 0 : SIZE;
  const bytes = Buffer.concat([Buffer.alloc(left), REST]);
  const last = Buffer.from(REST);
  if (reads) {
    write(far, bytes);
    last.fill(0);
  }
  const views = arrayWithAttack(new View(buffer, 0, SIZE), count, last);
  assert.equal(run(near, views), bytes.length, what);
  if (reads) {
    assert.ok(last.equals(REST), `${what} has put the bytes elsewhere`);
  } else {
    const got = Buffer.alloc(bytes.length + 1);
    assert.equal(tryRead(far, got), bytes.length, what);
    assert.ok(got.subarray(0, -1).equals(bytes), `${what} has taken other bytes`);
  }
  for (const fd of [near, far]) close(fd);
}

/** An array whose last element attacks the first when it is asked for the second time, by the addon. */
function arrayWithAttack(victim, count, last) {
  const views = [victim, ...Array.from({ length: count - 2 }, () => new Uint8Array(0))];
  let asked = 0;
  Object.defineProperty(views, count - 1, {
    enumerable: true,
    get() {
      asked += 1;
      if (asked === 2) takeMemory(victim.buffer);
      return last;
    },
  });
  return views;
}

function takeMemory(buffer) {
  const loot = attack.run(buffer, { detach });
  if (loot !== undefined) taken.push(new Uint8Array(loot).fill(SCRIBBLE));
}

function isScribble(bytes) {
  return bytes.every((byte) => byte === SCRIBBLE);
}
