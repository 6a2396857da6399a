import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { Errno } from '@polyring/core';
import { TemporaryDirectory } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PIPE_CALLS } from './byte-calls.js';

const { EAGAIN } = Errno;

/** How often a writer comes while a pipe is read: some of them come between two calls of one read. */
const ROUNDS = 3000;

/** Milliseconds after which it is enough, where both share a processor. */
const ENOUGH = 5000;

/** What a writer and the reader wait for of each other, one after the other. */
const IDLE = 0;
const OPENED = 1;
const WRITTEN = 2;
const READ = 3;

/** Waits until there is a state. */
function until(state: Int32Array, wanted: number): void {
  for (let found = Atomics.load(state, 0); found !== wanted; found = Atomics.load(state, 0))
    Atomics.wait(state, 0, found);
}

function set(state: Int32Array, value: number): void {
  Atomics.store(state, 0, value);
  Atomics.notify(state, 0);
}

/** Writes a byte each time that the pipe was opened to read. */
const WRITER = `
  const { closeSync, openSync, writeSync } = require('node:fs');
  const { path, state } = require('node:worker_threads').workerData;
  ${until}
  ${set}
  for (;;) {
    until(state, ${OPENED});
    const fd = openSync(path, 'w');
    writeSync(fd, 'x');
    set(state, ${WRITTEN});
    until(state, ${READ});
    closeSync(fd);
    set(state, ${IDLE});
  }
`;

test('a pipe whose first writer comes while it is read is not at its end', async () => {
  using directory = new TemporaryDirectory();
  const path = directory.at('fifo');
  execFileSync('mkfifo', [path]);
  const state = new Int32Array(new SharedArrayBuffer(4));
  const writer = new Worker(WRITER, { eval: true, workerData: { path, state } });
  await new Promise((resolve) => writer.once('online', resolve));
  const buffer = Buffer.alloc(4);
  const reads = [
    (fd: number) => PIPE_CALLS.read(fd, buffer, 0, buffer.length),
    (fd: number) => PIPE_CALLS.readv(fd, [buffer]),
  ];
  let ends = 0;
  const enough = performance.now() + ENOUGH;
  for (let round = 0; round < ROUNDS && performance.now() < enough; round += 1) {
    for (const read of reads) {
      const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
      set(state, OPENED);
      let bytes: number;
      do bytes = read(fd);
      while (bytes === EAGAIN);
      if (bytes === 0) ends += 1;
      until(state, WRITTEN);
      set(state, READ);
      until(state, IDLE);
      closeSync(fd);
    }
  }
  await writer.terminate();
  assert.is(ends, 0);
});

test.run();
