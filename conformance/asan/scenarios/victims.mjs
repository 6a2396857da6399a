import assert from 'node:assert/strict';
import { constants, openSync, readFileSync } from 'node:fs';
import {
  MessageResult,
  read,
  readFixed,
  readv,
  recv,
  recvmsg,
  sendmsg,
  write,
  writeFixed,
  writev,
} from '@polyring/core';
import { pipe2, read as readNow, socketpair, tryRead, trySend, tryWrite, write as writeNow } from '@polyring/sys';
import { DATA_FILE, DATA_SIZE } from '../data-file.mjs';

/** Operations of a scenario. */
export const COUNT = 100;

const PIPE_BYTES = 65_536;

/**
 * An operation whose memory is attacked.
 *
 * @typedef {object} Target
 * @property {import('@polyring/core').Entry} entry
 * @property {ArrayBufferLike} buffer What the attack goes for.
 * @property {import('@polyring/core').DriverMemory} [memory] What it is part of.
 * @property {(result: number | Error) => void} check Judges the end.
 */

/**
 * A kind of operation.
 *
 * @typedef {object} Victims
 * @property {number} size Bytes of each.
 * @property {number} held Operations that the kernel has to hold when the attack begins.
 * @property {(driver: import('@polyring/core').Driver, index: number, attack: import('./attacks.mjs').Attack) => Target} prepare
 * @property {() => void} late Has the kernel go on with them, after the attack.
 */

/** The pattern of an operation's bytes. */
function payload(index, size) {
  return Buffer.alloc(size, index + 1);
}

function makeMemory(driver, attack, size) {
  if (attack.lent === true) {
    const memory = driver.allocate(size);
    return { buffer: memory.bytes.buffer, view: memory.bytes, memory };
  }
  const buffer = attack.make?.(size) ?? new ArrayBuffer(size);
  return { buffer, view: new Uint8Array(buffer, 0, size) };
}

/** A read gets its bytes, or rejects because they have no place any more. */
function readCheck(attack, view, expected) {
  if (attack.forgets === true) return lengthCheck(expected.length);
  return (result) => {
    if (attack.takesBytes === true) {
      assert.equal(result.code, 'ERR_POLYRING_BUFFER_GONE', `${result}`);
    } else {
      assert.equal(result, expected.length);
      assert.ok(expected.equals(Buffer.from(view.buffer, view.byteOffset, expected.length)), 'other bytes were read');
    }
  };
}

/** Where nobody has the buffer any more. In a function of its own, so that it does not hold the buffer either. */
function lengthCheck(length) {
  return (result) => assert.equal(result, length);
}

class PipeReads {
  size = 20_000;
  held = COUNT;
  #pipes = [];

  prepare(driver, index, attack) {
    const { size } = this;
    const [readFd, writeFd] = pipe2();
    this.#pipes.push({ writeFd, bytes: payload(index, size) });
    const { buffer, view, memory } = makeMemory(driver, attack, size);
    const entry = [
      () => read(readFd, view),
      () => readv(readFd, [view.subarray(0, 100), view.subarray(100)]),
      () => readFixed(readFd, view),
    ][index % 3]();
    return { entry, buffer, memory, check: readCheck(attack, view, payload(index, size)) };
  }

  late() {
    for (const { writeFd, bytes } of this.#pipes) assert.equal(writeNow(writeFd, bytes), bytes.length);
  }
}

class PipeWrites {
  size = 20_000;
  held = COUNT;
  #pipes = [];

  prepare(driver, index, attack) {
    const { size } = this;
    const [readFd, writeFd] = pipe2();
    assert.equal(tryWrite(writeFd, Buffer.alloc(PIPE_BYTES)), PIPE_BYTES);
    this.#pipes.push(readFd);
    const { buffer, view, memory } = makeMemory(driver, attack, size);
    view.set(payload(index, size));
    const entry = [
      () => write(writeFd, view),
      () => writev(writeFd, [view.subarray(0, 100), view.subarray(100)]),
      () => writeFixed(writeFd, view),
    ][index % 3]();
    const check = (result) => {
      assert.equal(result, size);
      const got = Buffer.alloc(size + 1);
      assert.equal(tryRead(readFd, got), size);
      assert.ok(payload(index, size).equals(got.subarray(0, size)), 'other bytes were written');
    };
    return { entry, buffer, memory, check };
  }

  late() {
    const bytes = Buffer.alloc(PIPE_BYTES);
    for (const fd of this.#pipes) assert.equal(readNow(fd, bytes), PIPE_BYTES);
  }
}

/** Memory that the entry attaches: a struct of addresses, what it points to, and a buffer beside it. */
class MessageReceives {
  size = 20_000;
  held = COUNT;
  #senders = [];

  prepare(driver, index, attack) {
    const { size } = this;
    const [receiver, sender] = socketpair();
    this.#senders.push({ sender, bytes: payload(index, size) });
    const { buffer, view, memory } = makeMemory(driver, attack, size);
    const entry = [
      () => recvmsg(receiver, [view.subarray(0, 100), view.subarray(100)], new MessageResult({ maximumFds: 4 })),
      () => recv(receiver, view, { flags: 0 }),
    ][index % 2]();
    return { entry, buffer, memory, check: readCheck(attack, view, payload(index, size)) };
  }

  late() {
    for (const { sender, bytes } of this.#senders) assert.equal(trySend(sender, bytes), bytes.length);
  }
}

/** As {@link MessageReceives}, the other way. */
class MessageSends {
  size = 20_000;
  held = COUNT;
  #receivers = [];

  prepare(driver, index, attack) {
    const { size } = this;
    const [receiver, sender] = socketpair();
    const full = fill(sender);
    this.#receivers.push({ receiver, full });
    const { buffer, view, memory } = makeMemory(driver, attack, size);
    view.set(payload(index, size));
    const entry = sendmsg(sender, { buffers: [view.subarray(0, 100), view.subarray(100)], fds: [receiver] });
    const check = (result) => {
      assert.equal(result, size);
      const got = Buffer.alloc(size + 1);
      assert.equal(tryRead(receiver, got), size);
      assert.ok(payload(index, size).equals(got.subarray(0, size)), 'other bytes were sent');
    };
    return { entry, buffer, memory, check };
  }

  late() {
    for (const { receiver, full } of this.#receivers) {
      const bytes = Buffer.alloc(full);
      for (let at = 0; at < full; ) at += readNow(receiver, bytes, at);
    }
  }
}

/** Sends until a socket takes no more. Returns how much it took. */
function fill(socket) {
  const bytes = Buffer.alloc(PIPE_BYTES);
  for (let sent = 0; ; ) {
    const taken = trySend(socket, bytes);
    if (taken < 0) return sent;
    sent += taken;
  }
}

class DirectReads {
  size = 2 ** 19;
  /** The device answers when it wants to. */
  held = 1;
  #fd = openSync(DATA_FILE, constants.O_RDONLY | constants.O_DIRECT);
  #expected = readFileSync(DATA_FILE);

  prepare(driver, index, attack) {
    const { size } = this;
    const { buffer, view, memory } = makeMemory(driver, attack, size);
    const at = (index * size) % DATA_SIZE;
    const judge = readCheck(attack, view, this.#expected.subarray(at, at + size));
    // The device may have been faster than the attack.
    const check = (result) => (attack.takesBytes === true && result === size) || judge(result);
    return { entry: read(this.#fd, view, at), buffer, memory, check };
  }

  late() {}
}

/** @type {Record<string, Victims>} */
export const VICTIMS = {
  'pipe reads': new PipeReads(),
  'pipe writes': new PipeWrites(),
  'message receives': new MessageReceives(),
  'message sends': new MessageSends(),
  'O_DIRECT reads': new DirectReads(),
};
