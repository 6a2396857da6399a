import { type Driver, PolledSocket } from 'polyring';
import { RedisLite } from './server.js';

/** Runs something beside a server, and ends the server. */
export async function withServer(driver: Driver, body: (server: RedisLite) => Promise<void>): Promise<void> {
  const server = new RedisLite(driver, { address: '127.0.0.1', port: 0 });
  const running = server.run();
  try {
    await body(server);
  } finally {
    server[Symbol.dispose]();
    await running;
  }
}

/** A client that sends bytes as they are, and waits for the bytes that it expects. */
export class RawClient implements Disposable {
  readonly #socket: PolledSocket;

  constructor(socket: PolledSocket) {
    this.#socket = socket;
  }

  static async connect(driver: Driver, server: RedisLite): Promise<RawClient> {
    const address = { address: '127.0.0.1', port: server.port ?? 0 };
    return new RawClient(await PolledSocket.connect(driver, address, { timeout: 20_000 }));
  }

  async send(text: string): Promise<void> {
    await this.#socket.writeAll(Buffer.from(text, 'latin1'));
  }

  /** So many bytes, or fewer at the end of the connection. */
  async receive(length: number): Promise<string> {
    const buffer = Buffer.alloc(length);
    let offset = 0;
    while (offset < length) {
      const bytes = await this.#socket.read(buffer, { offset, timeout: 20_000 });
      if (bytes === 0) break;
      offset += bytes;
    }
    return buffer.toString('latin1', 0, offset);
  }

  [Symbol.dispose](): void {
    this.#socket[Symbol.dispose]();
  }
}
