import { nop, PollEvents, pollAdd, read } from '@polyring/core';
import { close, eventfd } from '@polyring/sys';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { uringBackend } from '../factory.js';
import { runWhereGranted } from '../run-where-granted.test-support.js';

const POOL = 65_536;

const test = suite('batch');

test('of many the close of the driver rejects those in flight as those that wait for memory, and as one alone', async () => {
  const driver = uringBackend.create({ poolLimit: POOL, poolExhausted: 'wait' });
  const event = eventfd();
  driver.allocate(POOL);
  const poll = () => pollAdd(event, PollEvents.IN);
  const many = driver.submitMany([poll(), read(event, Buffer.alloc(8))]);
  const limited = driver.submitMany([poll()], { timeout: 1e6 });
  const alone = driver.ioUringSubmit(poll()).catch(({ code }) => code);
  await driver.ioUringSubmit(nop());
  await driver.close();
  const codes = [...(await many), ...(await limited)].map((end) => end.status === 'rejected' && end.reason.code);
  assert.equal([...codes, await alone], new Array(4).fill('ERR_POLYRING_CLOSED'));
  close(event);
});

runWhereGranted(test);
