// The worker of sudden.mjs: does what its data says until it is ended.
import { openSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { uringBackend } from '@polyring/backend-uring';
import { acceptMultishot } from '@polyring/core';
import { close, disown, eventfd, fallocate, LoopWatch, memfdCreate, own, pipe2, tryReadv } from '@polyring/sys';
import { loadBinding } from '../../../packages/backend-uring/dist/kernel/binding.js';
import { checkInstrumented, collectGarbage } from './instruments.mjs';

/** @param {unknown} message What main is to know. */
const underWay = (message = 'under way') => parentPort.postMessage(message);

const WAYS = {
  'calls return': () => {
    underWay();
    for (;;) for (const fd of pipe2()) close(fd);
  },

  'views are gathered': () => {
    const views = manyViews(() => {
      underWay();
      for (;;);
    });
    tryReadv(openSync('/dev/zero', 'r'), views);
  },

  'getters throw': () => {
    const zero = openSync('/dev/zero', 'r');
    // The second of the two is no object, and Node-API has references to objects only.
    const arrays = [new Error('the scenario throws'), 'the scenario throws'].map((thrown) =>
      manyViews(() => {
        throw thrown;
      }),
    );
    underWay();
    for (;;) {
      for (const views of arrays) {
        try {
          tryReadv(zero, views);
        } catch {}
      }
    }
  },

  'the thread pool is at work': async () => {
    const file = memfdCreate('file');
    own(file);
    for (let first = true; ; first = false) {
      const calls = Array.from({ length: 8 }, (_, index) => fallocate(file, 0, 0, 2 ** 24 + index));
      if (first) underWay();
      await Promise.all(calls);
    }
  },

  'watches come and go': async () => {
    for (let first = true; ; first = false) {
      const watches = Array.from({ length: 8 }, (_, index) => {
        const fd = eventfd(index % 2);
        const watch = new LoopWatch(fd, () => {}, { owns: [fd] });
        watch.hold();
        return watch;
      });
      if (first) underWay();
      await turn();
      for (const watch of watches) watch.close();
    }
  },

  'callbacks of a watch throw': () => {
    process.on('uncaughtException', () => {});
    const fd = eventfd(1);
    let calls = 0;
    const watch = new LoopWatch(
      fd,
      () => {
        calls += 1;
        if (calls === 3) underWay();
        throw new Error('the scenario throws');
      },
      { owns: [fd] },
    );
    watch.hold();
  },

  'drivers are made': () => {
    uringBackend.create();
    checkInstrumented();
    underWay();
    for (;;) uringBackend.create();
  },

  'rings are dropped': async () => {
    const { Ring } = loadBinding();
    for (let count = 0; count < 8; count += 1) new Ring(1, 2, 0).share(new Int32Array(new SharedArrayBuffer(4)));
    checkInstrumented();
    await collectGarbage();
    underWay();
    for (;;) await turn();
  },

  'descriptors are owned and disowned': () => {
    const spare = eventfd();
    const [owned, disowned, shut] = [1, 2, 3].map(() => Array.from({ length: 10 }, () => pipe2()));
    for (const [, writer] of [...owned, ...disowned, ...shut]) own(writer);
    for (const [, writer] of disowned) disown(writer);
    for (const fd of shut.flat()) close(fd);
    underWay({ owned, disowned, closed: shut.flat() });
    for (;;) {
      own(spare);
      disown(spare);
    }
  },

  'connections are told of': ({ listener, last, exits }) => {
    const kept = [];
    const closed = [];
    const driver = uringBackend.create();
    checkInstrumented();
    driver.ioUring.multishotInto(acceptMultishot(listener), {
      completed: ({ result: fd }) => {
        if ((kept.length + closed.length) % 2 === 0) kept.push(fd);
        else closed.push(fd);
        if (kept.length + closed.length < last) return;
        for (const each of closed) close(each);
        underWay({ kept, closed });
        if (exits) process.exit();
        for (;;);
      },
      ended() {},
    });
  },
};

checkInstrumented('POLYRING_SYS_ADDON_ROOT');
await WAYS[workerData.way](workerData.told);

/** An array of views that calls a function whenever the addon, and not the check before it, asks for the second of them. */
function manyViews(asked) {
  const views = Array.from({ length: 1024 }, () => new Uint8Array(8));
  let checked = false;
  Object.defineProperty(views, 1, {
    enumerable: true,
    get() {
      checked = !checked;
      if (!checked) asked();
      return views[0];
    },
  });
  return views;
}
