import type { Driver, RawFd } from '@polyring/core';
import { bind, close, getsockname, listen, type SocketAddress, socket } from '@polyring/sys';
import { MESSAGE_SIZE } from './content.js';
import type { EchoBench, EchoClient } from './exchange.js';
import { ReadySocket } from './ready-socket.js';

/** An echo server and its clients over a driver's socket readiness. */
export async function driverEcho(driver: Driver, connections: number): Promise<EchoBench> {
  const { fd, address } = listenOnLoopback();
  const listener = new ReadySocket(driver, fd);
  const open: ReadySocket[] = [listener];
  const close = (): void => {
    for (const socket of open) socket.close();
  };
  try {
    const clients: EchoClient[] = [];
    for (let count = 0; count < connections; count += 1) {
      const near = await ReadySocket.connect(driver, address);
      open.push(near);
      clients.push(clientOver(near));
      const far = new ReadySocket(driver, await listener.accept());
      open.push(far);
      // A server's failure shows as the end of the connection at its client.
      serve(far).catch(() => far.close());
    }
    return { by: driver.name, clients, close };
  } catch (error) {
    close();
    throw error;
  }
}

function listenOnLoopback(): { fd: RawFd; address: SocketAddress } {
  const fd = socket('ipv4', 'stream');
  try {
    bind(fd, { address: '127.0.0.1', port: 0 });
    listen(fd);
    return { fd, address: getsockname(fd) };
  } catch (error) {
    close(fd);
    throw error;
  }
}

async function serve(socket: ReadySocket): Promise<void> {
  const buffer = Buffer.alloc(16 * MESSAGE_SIZE);
  for (;;) {
    const count = await socket.receive(buffer);
    if (count === 0) return;
    await socket.send(buffer.subarray(0, count));
  }
}

function clientOver(socket: ReadySocket): EchoClient {
  return {
    async roundTrip(message, answer) {
      await socket.send(message);
      for (let received = 0; received < answer.length; ) {
        const count = await socket.receive(received === 0 ? answer : answer.subarray(received));
        if (count === 0) throw new Error('The echo server ended the connection.');
        received += count;
      }
    },
  };
}
