import { closeSync, mkdtempSync, openSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { uringBackend } from '@polyring/backend-uring';
import * as polyring from '@polyring/core';
import { epollCreate, eventfd, memfdCreate, pipe2, socketpair, tryWrite } from '@polyring/sys';

/** Builders and classes by name. */
const made = { ...polyring };

/** Milliseconds that the end of a driver may take. */
const CLOSE_TIMEOUT = 20_000;

/** Runs a program. Throws if a promise of it does not settle, or its driver does not end. */
export async function run(program, folder) {
  const before = openDescriptors();
  const world = new World(program.options, folder);
  try {
    for (const step of program.steps) await world.take(step);
  } finally {
    await world.end();
    // CLOSE has freed some of the numbers, and somebody else may have them: only what is new is closed.
    for (const fd of openDescriptors()) if (!before.has(fd)) closeQuietly(fd);
  }
}

/** A driver, and what its operations work on. */
class World {
  #driver;
  #fds;
  #writable;
  #entries = [];
  #controllers = [];
  #buffers = [];
  #loans = [];
  #unsettled = new Map();
  #steps = {
    submit: (step) => this.#submit(step),
    multishot: (step) => this.#multishot(step),
    abort: ({ index }) => this.#controllers[index % this.#controllers.length]?.abort(),
    release: ({ index }) => this.#loans[index % this.#loans.length]?.release(),
    detach: ({ index }) => this.#detach(index),
    stir: () => this.#stir(),
    turn: () => turn(),
    collect: () => globalThis.gc(),
  };

  constructor(options, folder) {
    this.#driver = uringBackend.create({ ...options, closeTimeout: CLOSE_TIMEOUT });
    const directory = mkdtempSync(path.join(folder, 'world-'));
    const file = openSync(path.join(directory, 'a'), 'w+');
    const pipes = [pipe2(), pipe2()];
    const pair = socketpair();
    const event = eventfd();
    this.#writable = [pipes[0][1], pair[0], pair[1], event];
    const folderFd = openSync(directory, 'r');
    const others = [openSync('/dev/null', 'r+'), openSync('/dev/zero', 'r'), memfdCreate('fuzz'), epollCreate()];
    this.#fds = [file, ...pipes.flat(), ...pair, event, folderFd, ...others, -1, 99_999];
    process.chdir(directory);
  }

  async take(step) {
    await this.#steps[step.step](step);
  }

  #submit({ entry: recipe, signal, poolExhausted }) {
    const entry = this.#build(recipe);
    if (entry === undefined) return;
    const options = { poolExhausted, ...(signal ? { signal: this.#newSignal() } : {}) };
    this.#track(this.#driver.ioUringSubmit(entry, options), recipe);
  }

  #multishot({ entry: recipe }) {
    const entry = this.#build(recipe);
    if (entry === undefined) return;
    this.#track(this.#iterate(entry), recipe);
  }

  async #iterate(entry) {
    let left = 3;
    for await (const completion of this.#driver.multishot(entry)) {
      completion.release();
      left -= 1;
      if (left === 0) break;
    }
  }

  #detach(index) {
    const buffer = this.#buffers[index % this.#buffers.length];
    // What is empty was detached before.
    if (buffer instanceof ArrayBuffer && buffer.byteLength > 0) structuredClone(buffer, { transfer: [buffer] });
  }

  /** Bytes for whoever waits for some. Those that are no addresses. */
  #stir() {
    for (const fd of this.#writable) {
      try {
        tryWrite(fd, new Uint8Array(8));
      } catch {
        // It was closed or shut down.
      }
    }
  }

  async end() {
    await this.#driver.close();
    await turn();
    if (this.#unsettled.size === 0) return;
    throw new Error(`not settled: ${JSON.stringify([...this.#unsettled.values()])}`);
  }

  #track(promise, recipe) {
    this.#unsettled.set(promise, recipe);
    const settled = () => this.#unsettled.delete(promise);
    promise.then(settled, (error) => {
      settled();
      if (error.code === undefined) throw error;
    });
  }

  /** An entry; nothing if its builder refuses what it is given, with an error that says so. */
  #build({ builder, args, raw }) {
    try {
      const entry = builder === undefined ? polyring.Entry.unsafe(this.#real(raw)) : made[builder](...this.#real(args));
      this.#entries.push(entry);
      return entry;
    } catch (error) {
      if (error.code === undefined) throw error;
      return undefined;
    }
  }

  #newSignal() {
    const controller = new AbortController();
    this.#controllers.push(controller);
    return controller.signal;
  }

  /** What stands for something becomes it. */
  #real(value) {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((item) => this.#real(item));
    if ('$fd' in value) return this.#fds[value.$fd % this.#fds.length];
    if ('$fds' in value) return Int32Array.from(this.#real(value.$fds));
    if ('$bigint' in value) return BigInt(value.$bigint);
    if ('$later' in value) return polyring.now() + value.$later;
    if ('$entry' in value) return this.#entries[value.$entry % this.#entries.length] ?? polyring.nop();
    if ('$word' in value) return this.#word(value);
    if ('$new' in value) return new made[value.$new](...value.args);
    if ('$bytes' in value) return this.#bytes(value).fill(value.fill);
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.#real(item)]));
  }

  #word({ $word, of }) {
    const { buffer, byteOffset } = this.#bytes({ $bytes: 4, of });
    return new Uint32Array(buffer, byteOffset, 1).fill($word);
  }

  #bytes({ $bytes, of }) {
    if (of === 'lent') {
      const memory = this.#driver.allocate(Math.max(1, $bytes));
      this.#loans.push(memory);
      return memory.bytes;
    }
    const buffer = {
      heap: () => new ArrayBuffer($bytes),
      shared: () => new SharedArrayBuffer($bytes),
      resizable: () => new ArrayBuffer($bytes, { maxByteLength: 2 * $bytes }),
    }[of]();
    this.#buffers.push(buffer);
    return new Uint8Array(buffer);
  }
}

function openDescriptors() {
  return new Set(readdirSync('/proc/self/fd').map(Number));
}

function closeQuietly(fd) {
  try {
    closeSync(fd);
  } catch {
    // The one that read the folder.
  }
}
