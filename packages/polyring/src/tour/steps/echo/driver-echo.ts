import type { Driver } from '@polyring/core';
import { PolledListener, PolledSocket } from '@polyring/polled';
import { MESSAGE_SIZE } from './content.js';
import type { EchoBench, EchoClient } from './exchange.js';

/** An echo server and its clients over a driver's sockets. */
export async function driverEcho(driver: Driver, connections: number): Promise<EchoBench> {
  const listener = PolledListener.listen(driver, { address: '127.0.0.1', port: 0 });
  const open: (PolledListener | PolledSocket)[] = [listener];
  const close = async (): Promise<void> => {
    await Promise.all(open.map((each) => each.close()));
  };
  try {
    const clients: EchoClient[] = [];
    for (let count = 0; count < connections; count += 1) {
      const near = await PolledSocket.connect(driver, listener.localAddress);
      open.push(near);
      clients.push(clientOver(near));
      const far = await listener.accept();
      open.push(far);
      // A server's failure shows as the end of the connection at its client.
      serve(far).catch(() => far.close());
    }
    return { by: driver.name, clients, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function serve(socket: PolledSocket): Promise<void> {
  const buffer = Buffer.alloc(16 * MESSAGE_SIZE);
  for (;;) {
    const length = await socket.read(buffer);
    if (length === 0) return;
    await socket.writeAll(buffer, { length });
  }
}

function clientOver(socket: PolledSocket): EchoClient {
  return {
    async roundTrip(message, answer) {
      await socket.writeAll(message);
      for (let offset = 0; offset < answer.length; ) {
        const count = await socket.read(answer, { offset });
        if (count === 0) throw new Error('The echo server ended the connection.');
        offset += count;
      }
    },
  };
}
