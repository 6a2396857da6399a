import type { Driver, RawFd } from '@polyring/core';
import { bind, listen, socket } from '@polyring/sys';
import { PolledListener } from './polled-listener.js';
import { PolledSocket } from './polled-socket.js';

/** Any port of the loopback interface. */
export const LOOPBACK = { address: '127.0.0.1', port: 0 };

/** Enough time for a read that is expected to find something. */
export const LIMIT = { timeout: 20_000 };

/** Both ends of a TCP connection: the client's and the server's. */
export async function connection(driver: Driver): Promise<[PolledSocket, PolledSocket]> {
  const listener = PolledListener.listen(driver, LOOPBACK);
  const client = await PolledSocket.connect(driver, listener.localAddress);
  const server = await listener.accept();
  listener[Symbol.dispose]();
  return [client, server];
}

/** What one read gives, as text. */
export async function text(socket: PolledSocket, length = 64): Promise<string> {
  const buffer = Buffer.alloc(length);
  return buffer.toString('utf8', 0, await socket.read(buffer, LIMIT));
}

export function dispose(...objects: Disposable[]): void {
  for (const object of objects) object[Symbol.dispose]();
}

/** A socket that listens on the loopback, for one connection at a time. */
export function listening(): RawFd {
  const fd = socket('ipv4', 'stream');
  bind(fd, LOOPBACK);
  listen(fd, 1);
  return fd;
}
