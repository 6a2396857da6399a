import {
  ArcDriver,
  after,
  BoxDriver,
  type Driver,
  InterestSlot,
  nop,
  Pending,
  PollEvents,
  PolledFd,
  PolledTimer,
  PolledWait,
  type Waker,
} from '@polyring/core';
import { close, eventfd, pipe2, write } from '@polyring/sys';
import { openDescriptors, rejects, throws } from '@polyring/test-support';
import * as assert from 'uvu/assert';
import { PolledChild } from './child/polled-child.js';
import { PolledFile } from './file/polled-file.js';
import { onEveryBackend } from './grid.test-support.js';
import { PolledPipe } from './pipe/polled-pipe.js';
import { PolledSignal } from './signal/polled-signal.js';
import { connection, dispose, LOOPBACK } from './socket/connection.test-support.js';
import { PolledListener } from './socket/polled-listener.js';
import { PolledSocket } from './socket/polled-socket.js';
import { PolledWatch } from './watch/polled-watch.js';

const NO_OBJECTS = [null, 5, 'x'] as never[];

await onEveryBackend('A bad argument', (test) => {
  test('is refused by name where it is to be an object of options', async ({ driver }) => {
    const before = openDescriptors();
    const [client, server] = await connection(driver);
    const file = await PolledFile.open(driver, '/etc/passwd');
    const buffer = Buffer.alloc(1);
    for (const options of NO_OBJECTS) {
      throws(() => driver.allocate(8, options), 'ERR_INVALID_ARG_TYPE');
      throws(() => file.chunks(options), 'ERR_INVALID_ARG_TYPE');
      throws(() => file.readableRange(options), 'ERR_INVALID_ARG_TYPE');
      throws(() => PolledListener.listen(driver, LOOPBACK, options), 'ERR_INVALID_ARG_TYPE');
      throws(() => PolledSocket.open(driver, 'ipv4', options), 'ERR_INVALID_ARG_TYPE');
      throws(() => PolledSocket.bound(driver, LOOPBACK, options), 'ERR_INVALID_ARG_TYPE');
      throws(() => PolledSocket.pair(driver, options), 'ERR_INVALID_ARG_TYPE');
      throws(() => PolledPipe.pair(driver, options), 'ERR_INVALID_ARG_TYPE');
      throws(() => new PolledWatch(driver, '/', options), 'ERR_INVALID_ARG_TYPE');
      throws(() => client.setKeepAlive(true, options), 'ERR_INVALID_ARG_TYPE');
      await rejects(driver.allocateAsync(8, options), 'ERR_INVALID_ARG_TYPE');
      await rejects(client.peek(buffer, options), 'ERR_INVALID_ARG_TYPE');
      await rejects(client.recvfrom(buffer, options), 'ERR_INVALID_ARG_TYPE');
      await rejects(client.sendto(buffer, LOOPBACK, options), 'ERR_INVALID_ARG_TYPE');
      await rejects(client.sendmsg(options), 'ERR_INVALID_ARG_TYPE');
      await rejects(client.recvmsg(options), 'ERR_INVALID_ARG_TYPE');
      const { message } = await rejects(PolledSocket.connect(driver, LOOPBACK, options), 'ERR_INVALID_ARG_TYPE');
      assert.match(message, /"options" argument must be an object/);
    }
    await Promise.all([client.close(), server.close(), file.close()]);
    assert.is(openDescriptors(), before);
  });

  test('is refused where it is to be true or false', async ({ driver }) => {
    const [client, server] = await connection(driver);
    const [readFd, writeFd] = pipe2();
    const before = openDescriptors();
    for (const no of ['no', 0, 1, null] as never[]) {
      const calls = [
        () => new PolledWatch(driver, '/', { recursive: no }),
        () => new PolledPipe(driver, readFd, { packets: no }),
        () => PolledPipe.pair(driver, { direct: no }),
        () => PolledListener.listen(driver, LOOPBACK, { reuseAddress: no }),
        () => PolledListener.listen(driver, LOOPBACK, { reusePort: no }),
        () => PolledListener.listen(driver, LOOPBACK, { ipv6Only: no }),
        () => PolledSocket.bound(driver, LOOPBACK, { reusePort: no }),
        () => client.setNoDelay(no),
        () => client.setKeepAlive(no),
      ];
      for (const call of calls) throws(call, 'ERR_INVALID_ARG_TYPE', /of type boolean/);
    }
    assert.is(openDescriptors(), before);
    for (const fd of [readFd, writeFd]) close(fd);
    dispose(client, server);
  });

  test('is refused where it is to be an address', async ({ driver }) => {
    const before = openDescriptors();
    for (const address of [...NO_OBJECTS, undefined, {}] as never[]) {
      throws(() => PolledListener.listen(driver, address), 'ERR_INVALID_ARG_TYPE');
      throws(() => PolledSocket.bound(driver, address), 'ERR_INVALID_ARG_TYPE');
      await rejects(PolledSocket.connect(driver, address), 'ERR_INVALID_ARG_TYPE');
    }
    assert.is(openDescriptors(), before);
  });

  test('is refused where it is to be a waker, and the one before it is called', async ({ driver }) => {
    const fds = [eventfd(), eventfd()] as const;
    const [ready, wait, timer] = [driver.newDynFdReady(fds[0]), driver.newDynWait(fds[1], 8), driver.newDynTimer()];
    timer.setDeadline(after(20));
    const polls: ((waker: Waker) => unknown)[] = [
      (waker) => ready.pollFdReady(waker, InterestSlot.Read, PollEvents.IN),
      (waker) => wait.pollWait(waker),
      (waker) => timer.pollTimer(waker),
    ];
    const all = [...polls, (waker: Waker) => wait.pollCancelWait(waker)];
    const refuse = (): void => {
      for (const none of [...NO_OBJECTS, undefined, {}] as Waker[])
        for (const poll of all) throws(() => poll(none), 'ERR_INVALID_ARG_TYPE');
    };
    refuse();
    const woken = polls.map((poll) => new Promise<void>((resolve) => poll(resolve) !== Pending && resolve()));
    refuse();
    for (const fd of fds) write(fd, BigUint64Array.of(1n));
    await Promise.all(woken);
    refuse();
    assert.is(ready.pollFdReady(assert.unreachable, InterestSlot.Read, PollEvents.IN), PollEvents.IN);
    assert.is(wait.pollWait(assert.unreachable), undefined);
    dispose(ready, wait, timer);
    for (const fd of fds) close(fd);
  });

  test('is refused where it is to be a driver, and leaves no descriptor', async ({ driver }) => {
    const [client, server] = await connection(driver);
    const before = openDescriptors();
    for (const none of [...NO_OBJECTS, undefined, {}, { driver }] as Driver[]) {
      throws(() => new PolledSocket(none, client.fd), 'ERR_INVALID_ARG_TYPE');
      throws(() => PolledSocket.pair(none), 'ERR_INVALID_ARG_TYPE');
      throws(() => PolledListener.listen(none, LOOPBACK), 'ERR_INVALID_ARG_TYPE');
      throws(() => PolledPipe.pair(none), 'ERR_INVALID_ARG_TYPE');
      throws(() => new PolledWatch(none, '/'), 'ERR_INVALID_ARG_TYPE');
      throws(() => new PolledChild(none, process.pid), 'ERR_INVALID_ARG_TYPE');
      throws(() => new PolledSignal(none, ['SIGUSR2']), 'ERR_INVALID_ARG_TYPE');
      throws(() => new PolledTimer(none), 'ERR_INVALID_ARG_TYPE');
      throws(() => new PolledFd(none, client.fd), 'ERR_INVALID_ARG_TYPE');
      throws(() => new PolledWait(none, client.fd, 8), 'ERR_INVALID_ARG_TYPE');
      throws(() => new PolledFile(none, client.fd), 'ERR_INVALID_ARG_TYPE');
      throws(() => new ArcDriver(none), 'ERR_INVALID_ARG_TYPE');
      throws(() => new BoxDriver(none), 'ERR_INVALID_ARG_TYPE');
      await rejects(PolledSocket.connect(none, server.localAddress), 'ERR_INVALID_ARG_TYPE');
      const { message } = await rejects(PolledFile.open(none, '/', 'r', 0, { timeout: 1 }), 'ERR_INVALID_ARG_TYPE');
      assert.match(message, 'const { driver } = await createDriver()');
    }
    assert.is(openDescriptors(), before);
    dispose(client, server);
  });

  test('is refused where it is to be a type of event, or the number of a process', ({ driver }) => {
    for (const [type, code] of [
      ['toString', 'ERR_INVALID_ARG_VALUE'],
      [['create'], 'ERR_INVALID_ARG_TYPE'],
    ] as [never, string][]) {
      throws(() => new PolledWatch(driver, '/', { types: ['create', type] }), code);
    }
    throws(() => new PolledChild(driver, { pid: 'x' } as never), 'ERR_INVALID_ARG_TYPE');
    throws(() => new PolledChild(driver, 'x' as never), 'ERR_INVALID_ARG_TYPE');
  });

  test('is refused where it is to be the options of a submission', async ({ backend, driver }) => {
    if (backend !== 'uring') return;
    const { ioUring } = driver;
    for (const options of NO_OBJECTS) {
      await rejects(driver.ioUringSubmit(nop(), options), 'ERR_INVALID_ARG_TYPE');
      await rejects(driver.submitMany([nop()], options), 'ERR_INVALID_ARG_TYPE');
      await rejects(driver.submitLinked([nop()], options), 'ERR_INVALID_ARG_TYPE');
      throws(() => driver.multishot(nop(), options), 'ERR_INVALID_ARG_TYPE');
      throws(() => ioUring.bufferRing(options), 'ERR_INVALID_ARG_TYPE');
      throws(() => ioUring.fileTable(options), 'ERR_INVALID_ARG_TYPE');
      throws(() => ioUring.workerLimits(options), 'ERR_INVALID_ARG_TYPE');
    }
    await driver.ioUringSubmit(nop());
  });
});
