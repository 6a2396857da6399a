import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runModule } from './run-process.test-support.js';

test('calls and sleeps in a row go on where a test runner has replaced the global timers', async () => {
  // The fakes of a clock that stands still.
  const told = await runModule<readonly string[]>(`
    for (const name of ['setTimeout', 'setInterval', 'setImmediate']) globalThis[name] = () => 1;
    const told = [];
    for (const backend of ['uring', 'epoll']) {
      const made = await polyring.createDriver({ backend, strict: true }).catch(() => undefined);
      if (made === undefined) continue;
      const { driver } = made;
      const [one, other] = polyring.PolledSocket.pair(driver);
      for (let round = 0; round < 200; round += 1) {
        await one.writeAll(Buffer.from('x'));
        await other.read(Buffer.alloc(1));
      }
      const timer = new polyring.PolledTimer(driver);
      for (let round = 0; round < 200; round += 1) await timer.sleep(0);
      for (const each of [one, other, timer]) each[Symbol.dispose]();
      await driver.close();
      told.push(backend);
    }
    console.log(JSON.stringify(told));
  `);
  assert.ok(told.length > 0);
});

test.run();
