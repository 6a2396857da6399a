import { AbortListeners, asyncCancel, PollEvents, pollAdd, read, write } from '@polyring/core';
import { close, pipe2 } from '@polyring/sys';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ERRNO } from './abi.js';
import { uringBackend } from './factory.js';
import type { Custody } from './memory/custody.js';
import type { Operation } from './operation.js';
import { runWhereGranted } from './run-where-granted.test-support.js';
import { Submission } from './submission.js';

const test = suite('interrupted');

test('what was interrupted is cancelled where there is a reason for that, and otherwise says that it was interrupted', async () => {
  let cancelled = false;
  const submission = new Submission({ take() {}, finish() {} } as unknown as Custody, {
    failure: undefined,
    refusal: undefined,
    mayBeCancelled: () => cancelled,
    abortListeners: new AbortListeners<Operation>(() => {}),
    settled() {},
    again: () => false,
  });
  const interrupt = (signal?: AbortSignal, meanwhile = (): void => {}): Promise<unknown> => {
    const reading = submission.start(read(7, Buffer.alloc(1)), signal).catch(({ code }) => code);
    meanwhile();
    submission.complete(ERRNO.ERESTARTSYS, 0);
    return reading;
  };
  const controller = new AbortController();
  assert.is(await interrupt(), 'EINTR');
  assert.is(await interrupt(controller.signal), 'EINTR');
  assert.is(await interrupt(controller.signal, () => controller.abort()), 'ABORT_ERR');
  assert.is(await interrupt(undefined, () => Object.assign(submission, { hasLinkTimeout: true })), 'ECANCELED');
  cancelled = true;
  assert.is(await interrupt(), 'ECANCELED');
});

test('what a kernel worker waits for is cancelled by its descriptor, and by the time of its chain', async () => {
  for (const timeout of [undefined, 20]) {
    const driver = uringBackend.create();
    const [[reader, writer], [told, tell]] = [pipe2({ nonblock: false }), pipe2()];
    // The worker that does the first goes on with the second.
    const chain = [write(tell, Buffer.from('x'), -1, { async: true }), read(reader, Buffer.alloc(8))];
    const linked = driver.submitLinked(chain, { timeout });
    await driver.ioUringSubmit(pollAdd(told, PollEvents.IN));
    let code: unknown = timeout === undefined ? 'ENOENT' : 'none';
    while (code === 'ENOENT') {
      code = await driver.ioUringSubmit(asyncCancel({ fd: reader })).catch((error) => error.code);
    }
    const [, end] = await linked;
    const expected = timeout === undefined ? 'ECANCELED' : 'ERR_POLYRING_TIMEOUT';
    assert.is(end?.status === 'rejected' && end.reason.code, expected);
    await driver.close();
    for (const fd of [reader, writer, told, tell]) close(fd);
  }
});

runWhereGranted(test);
