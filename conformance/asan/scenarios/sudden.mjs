// sudden.mjs <way>: workers end in the midst of what the addons do for them, at any moment of it.
import assert from 'node:assert/strict';
import { Worker } from 'node:worker_threads';
import { bind, close, connect, eventfd, getsockname, listen, socket, tryRead, tryRecv, tryWrite } from '@polyring/sys';
import { collectGarbage, say } from './instruments.mjs';

/** So many that one ends in the midst of a call, and not between two. */
const WORKERS = 5;

const EAGAIN = -11;
const EMFILE = 'EMFILE';

/**
 * What main has to do with a worker: how the worker is told of it, what main does when the worker is under way, and
 * what has to be true after the worker ended.
 *
 * @typedef {object} Company
 * @property {(round: number) => unknown} [prepare] Returns what the worker is told.
 * @property {(message: any) => void} [meet]
 * @property {(message: any) => void} [check]
 */

/** Descriptors that get the numbers of others. */
const heirs = [];

function inherit(numbers) {
  while (!numbers.every((fd) => heirs.includes(fd))) heirs.push(eventfd());
}

function checkHeirs() {
  for (const fd of heirs.splice(0)) {
    assert.equal(tryWrite(fd, BigUint64Array.of(1n)), 8, `descriptor ${fd} was closed, which is somebody else's`);
    close(fd);
  }
}

let listener;
let clients = [];

/** @type {Record<string, Company>} */
const COMPANY = {
  'descriptors are owned and disowned': {
    meet: ({ closed }) => inherit(closed),
    check: ({ owned, disowned }) => {
      checkHeirs();
      const byte = new Uint8Array(1);
      for (const [reader, writer] of owned) assert.equal(tryRead(reader, byte), 0, `descriptor ${writer} stayed open`);
      for (const [reader, writer] of disowned) {
        assert.equal(tryRead(reader, byte), EAGAIN, `descriptor ${writer} was closed`);
        close(writer);
      }
      for (const [reader] of [...owned, ...disowned]) close(reader);
    },
  },
  'connections are told of': {
    prepare: (round) => {
      listener = socket('ipv4', 'stream');
      bind(listener, { address: '127.0.0.1', port: 0 });
      listen(listener);
      clients = Array.from({ length: 2 * WORKERS }, () => socket('ipv4', 'stream', { nonblock: false }));
      for (const client of clients) connect(client, getsockname(listener));
      return { listener, last: round + 1, exits: round % 2 === 1 };
    },
    meet: ({ closed }) => inherit(closed),
    check: ({ kept }) => {
      checkHeirs();
      // A connection that the worker was not told of may wait here.
      close(listener);
      const DONTWAIT = 0x40;
      const open = clients.filter((fd) => tryRecv(fd, new Uint8Array(1), 0, 1, DONTWAIT) === EAGAIN);
      assert.equal(open.length, kept.length, 'connections that are open');
      for (const fd of [...clients, ...kept]) close(fd);
    },
  },
};

const way = process.argv[2];
const { prepare, meet, check } = COMPANY[way] ?? {};
for (let round = 0; round < WORKERS; round += 1) {
  const worker = new Worker(new URL('./sudden-worker.mjs', import.meta.url), {
    workerData: { way, told: prepare?.(round) },
  });
  const exit = new Promise((resolve) => worker.once('exit', resolve));
  const message = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  meet?.(message);
  // One may have as many rings by now as it may have descriptors.
  worker.on('error', (/** @type {NodeJS.ErrnoException} */ error) => assert.equal(error.code, EMFILE));
  worker.terminate();
  await exit;
  check?.(message);
}
await collectGarbage();
say('ended');
