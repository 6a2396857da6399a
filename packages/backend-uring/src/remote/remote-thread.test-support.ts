import { parentPort, workerData } from 'node:worker_threads';
import type { RawFd, RemoteHandle } from '@polyring/core';
import { uringBackend } from '../factory.js';

/** What a thread of the tests does. */
export type Task =
  /** Answers each wake with the value and one more. */
  | { readonly kind: 'echo'; readonly peer: RemoteHandle }
  /** Sends values from 0 up, as fast as it can. */
  | { readonly kind: 'flood'; readonly peer: RemoteHandle; readonly count: number }
  /** Opens an inbox, and a table with a file if there is one for it, and lets the thread end, or be ended. */
  | { readonly kind: 'listen'; readonly registered?: RawFd };

const task = workerData as Task;
const driver = uringBackend.create();
switch (task.kind) {
  case 'echo': {
    const remote = driver.ioUring.remote(task.peer);
    const inbox = driver.remoteHandle((value) => {
      if (value < 0) void driver.close();
      else void remote.wake(value + 1);
    });
    parentPort?.postMessage(inbox);
    break;
  }
  case 'flood': {
    const remote = driver.ioUring.remote(task.peer);
    await Promise.all(Array.from({ length: task.count }, (_, value) => remote.wake(value)));
    await driver.close();
    break;
  }
  case 'listen':
    if (task.registered !== undefined) driver.ioUring.fileTable().add(task.registered);
    parentPort?.postMessage(driver.remoteHandle(() => {}));
    break;
}
