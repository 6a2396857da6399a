import type { Ended } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runScript } from '../run-script.test-support.js';

function ended(result: Ended, stdout: string, code = 0): void {
  assert.equal(
    { code: result.code, signal: result.signal, stdout: result.stdout },
    { code, signal: null, stdout },
    result.stderr,
  );
}

test('an idle watch lets the process end', async () => {
  ended(await runScript(`new sys.LoopWatch(sys.eventfd(), () => {});`), '');
});

test('a held watch keeps the process alive until it is released', async () => {
  const result = await runScript(`
    const fd = sys.eventfd();
    const watch = new sys.LoopWatch(fd, () => {
      sys.read(fd, new BigUint64Array(1));
      console.log('event');
      watch.release();
    });
    watch.hold();
    setTimeout(() => sys.write(fd, ONE), 50).unref();
  `);
  ended(result, 'event\n');
});

test('each reason counts: the process ends with the last one', async () => {
  const result = await runScript(`
    const fd = sys.eventfd();
    let events = 0;
    const watch = new sys.LoopWatch(fd, () => {
      sys.read(fd, new BigUint64Array(1));
      console.log('event', ++events);
      watch.release();
      setTimeout(() => sys.write(fd, ONE), 10).unref();
    });
    watch.hold();
    watch.hold();
    watch.hold();
    watch.release();
    setTimeout(() => sys.write(fd, ONE), 10).unref();
  `);
  ended(result, 'event 1\nevent 2\n');
});

test('holding and releasing many times within a turn ends where the last change left it', async () => {
  const toggles = (last: string) => `
    const fd = sys.eventfd();
    const watch = new sys.LoopWatch(fd, () => {
      console.log('event');
      watch.close();
    });
    for (let i = 0; i < 1000; i += 1) {
      watch.hold();
      watch.release();
    }
    watch.release();
    ${last}
  `;
  ended(await runScript(toggles('')), '');
  ended(await runScript(toggles('watch.hold(); setTimeout(() => sys.write(fd, ONE), 50).unref();')), 'event\n');
});

test('a hold taken when the loop is about to end keeps it going', async () => {
  const result = await runScript(`
    const fd = sys.eventfd();
    const watch = new sys.LoopWatch(fd, () => {
      sys.read(fd, new BigUint64Array(1));
      console.log('event');
      watch.release();
    });
    process.once('beforeExit', () => {
      console.log('about to end');
      watch.hold();
      setTimeout(() => sys.write(fd, ONE), 20).unref();
    });
    process.on('exit', () => console.log('exit'));
  `);
  ended(result, 'about to end\nevent\nexit\n');
});

test('a hold taken again after the loop let go keeps it going', async () => {
  const result = await runScript(`
    const fd = sys.eventfd();
    const watch = new sys.LoopWatch(fd, () => {
      sys.read(fd, new BigUint64Array(1));
      console.log('event');
      watch.release();
    });
    watch.hold();
    watch.release();
    // By the second immediate the loop has been through a turn, and has let go.
    setImmediate(() => setImmediate(() => {
      watch.hold();
      setTimeout(() => sys.write(fd, ONE), 20).unref();
    }));
  `);
  ended(result, 'event\n');
});

test('closing a held watch lets the process end', async () => {
  ended(
    await runScript(`
    const watch = new sys.LoopWatch(sys.eventfd(), () => {});
    watch.hold();
    setImmediate(() => watch.close());
  `),
    '',
  );
});

test('a watch that nobody refers to any more goes on', async () => {
  const result = await runScript(
    `
    const fd = sys.eventfd();
    (() => {
      new sys.LoopWatch(fd, () => {
        console.log('event');
        process.exit();
      }).hold();
    })();
    gc();
    setImmediate(() => {
      gc();
      sys.write(fd, ONE);
    });
  `,
    { flags: ['--expose-gc'] },
  );
  ended(result, 'event\n');
});

test('an exception that nobody handles ends the process with code 1', async () => {
  const result = await runScript(`
    new sys.LoopWatch(sys.eventfd(1), () => {
      throw new Error('nobody handles this');
    }).hold();
  `);
  ended(result, '', 1);
  assert.match(result.stderr, 'nobody handles this');
});

test('process.exit in the callback ends the process with its code', async () => {
  ended(await runScript(`new sys.LoopWatch(sys.eventfd(1), () => process.exit(7)).hold();`), '', 7);
});

test('a thousand idle watches do not turn the loop', async () => {
  const result = await runScript(`
    import { performance } from 'node:perf_hooks';
    for (let i = 0; i < 1000; i += 1) new sys.LoopWatch(sys.eventfd(), () => {});
    setImmediate(() => {
      const turns = () => performance.nodeTiming.uvMetricsInfo?.loopCount ?? 0;
      const before = { turns: turns(), cpu: process.cpuUsage() };
      setTimeout(() => {
        const cpu = process.cpuUsage(before.cpu);
        console.log(JSON.stringify({ turns: turns() - before.turns, milliseconds: (cpu.user + cpu.system) / 1e3 }));
      }, 500);
    });
  `);
  assert.is(result.code, 0, result.stderr);
  const { turns, milliseconds } = JSON.parse(result.stdout) as { turns: number; milliseconds: number };
  assert.ok(turns <= 10, `${turns} turns`);
  assert.ok(milliseconds <= 100, `${milliseconds} ms of CPU`);
});

test.run();
