import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { EchoBench, EchoClient } from './exchange.js';

/** An echo server and its clients over node:net. */
export async function nodeEcho(connections: number): Promise<EchoBench> {
  const open: Socket[] = [];
  const server = createServer((socket) => {
    open.push(socket);
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => socket.write(bytes));
  });
  const close = async (): Promise<void> => {
    for (const socket of open) socket.destroy();
    if (!server.listening) return;
    server.close();
    await once(server, 'close');
  };
  try {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const clients: EchoClient[] = [];
    for (let count = 0; count < connections; count += 1) {
      const socket = connect(port, '127.0.0.1');
      open.push(socket);
      await once(socket, 'connect');
      clients.push(new NodeClient(socket));
    }
    return { by: 'node:net', clients, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A client over a socket's events: one answer is awaited at a time. */
class NodeClient implements EchoClient {
  readonly #socket: Socket;
  #answer: Buffer = Buffer.alloc(0);
  #received = 0;
  #settle: { resolve: () => void; reject: (error: Error) => void } | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (bytes) => this.#take(bytes));
    socket.on('error', (error) => this.#settle?.reject(error));
    socket.on('close', () => this.#settle?.reject(new Error('The echo server ended the connection.')));
  }

  roundTrip(message: Buffer, answer: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#answer = answer;
      this.#received = 0;
      this.#settle = { resolve, reject };
      this.#socket.write(message);
    });
  }

  #take(bytes: Buffer): void {
    bytes.copy(this.#answer, this.#received);
    this.#received += bytes.length;
    if (this.#received >= this.#answer.length) this.#settle?.resolve();
  }
}
