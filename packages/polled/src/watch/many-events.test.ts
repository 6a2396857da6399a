import { linkSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { epollBackend } from '@polyring/backend-epoll';
import { TemporaryDirectory } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PolledWatch } from './polled-watch.js';

test('an entry of a large directory that comes into a tree costs no more than one of a small', async () => {
  using directory = new TemporaryDirectory();
  using outside = new TemporaryDirectory();
  writeFileSync(outside.at('file'), '');
  const driver = epollBackend.create();
  using watch = new PolledWatch(driver, directory.path, { recursive: true, types: ['create', 'move'] });
  const costs: number[] = [];
  for (const entries of [3000, 60_000]) {
    mkdirSync(outside.at('in'));
    for (let index = 0; index < entries; index += 1) linkSync(outside.at('file'), outside.at(`in/${index}`));
    renameSync(outside.at('in'), directory.at(`of ${entries}`));
    assert.is((await watch.next())?.type, 'move');
    const before = process.cpuUsage();
    for (let left = entries; left > 0; left -= 1) await watch.next();
    costs.push(process.cpuUsage(before).user / 1000);
  }
  const [small = 0, large = 0] = costs;
  assert.ok(large < 20 * small + 200, `${large} ms of the processor, and ${small} ms`);
  await driver.close();
});

test.run();
