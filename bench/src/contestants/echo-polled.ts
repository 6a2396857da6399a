import { PolledListener, type PolledSocket } from '@polyring/polled';
import { driverFor } from './shared/driver-for.js';
import { endWithInput, sayReady, told } from './shared/serve.js';

// An echo server on PolledSocket.

const LONGEST = 4096;

const { backend, busyPoll } = told<{ backend: 'uring' | 'epoll'; busyPoll?: number }>();
const driver = await driverFor(backend, { busyPoll });
const listener = PolledListener.listen(driver, { address: '127.0.0.1', port: 0 }, { backlog: 4096 });

async function echo(socket: PolledSocket): Promise<void> {
  socket.setNoDelay();
  const bytes = Buffer.alloc(LONGEST);
  for (;;) {
    const length = await socket.read(bytes);
    if (length === 0) break;
    await socket.writeAll(bytes, { length });
  }
  socket[Symbol.dispose]();
}

sayReady({ port: listener.port });
endWithInput();
for await (const socket of listener) echo(socket).catch(() => socket[Symbol.dispose]());
