import { type Driver, PolledListener, type PolledSocket } from 'polyring';
import { type Answer, answer, answerError } from './answer.js';
import { Root } from './files/root.js';
import { HttpError } from './http/http-error.js';
import { type Request, readRequest } from './http/request.js';

/** Where a server listens, and what it serves. */
export interface StaticServerOptions {
  /** A literal address. */
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** The directory whose files are served. */
  readonly root: string;
  /** Told of each answer. */
  readonly onAnswer?: (request: Request | undefined, answer: Answer) => void;
  /** Milliseconds that a client may take to ask, and may not read. Default 30,000. */
  readonly timeout?: number;
}

const TIMEOUT = 30_000;

/** How long a client is given to close after the answer, so that what it sent meanwhile does not cut the answer off. */
const LINGER = 2000;

/** What ends a connection, and is no reason to say anything. */
const ORDINARY_ENDS = new Set([
  'ABORT_ERR',
  'ECONNRESET',
  'ENOTCONN',
  'EPIPE',
  'ERR_POLYRING_CLOSED',
  'ERR_POLYRING_DISPOSED',
  'ERR_POLYRING_TIMEOUT',
]);

/** A file server for HTTP/1.0: one request a connection. */
export class StaticServer implements AsyncDisposable {
  readonly #driver: Driver;
  readonly #root: Root;
  readonly #listener: PolledListener;
  readonly #timeout: number;
  readonly #onAnswer: ((request: Request | undefined, answer: Answer) => void) | undefined;
  readonly #connections = new Map<PolledSocket, Promise<void>>();

  /** @throws ENOENT, ENOTDIR for the root; EADDRINUSE, EACCES, EADDRNOTAVAIL */
  constructor(driver: Driver, { host, port, root, onAnswer, timeout = TIMEOUT }: StaticServerOptions) {
    this.#driver = driver;
    this.#root = new Root(driver, root);
    this.#timeout = timeout;
    this.#onAnswer = onAnswer;
    this.#listener = PolledListener.listen(driver, { address: host, port });
  }

  /** The port that it listens on. */
  get port(): number {
    return this.#listener.port ?? 0;
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Serves until it is disposed of. */
  async run(): Promise<void> {
    for await (const socket of this.#listener) {
      const done = this.#serve(socket).finally(() => {
        this.#connections.delete(socket);
        socket[Symbol.dispose]();
      });
      this.#connections.set(socket, done);
    }
  }

  /** Stops accepting, drops the connections that are open, and waits until nothing of them is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener[Symbol.dispose]();
    for (const socket of this.#connections.keys()) hangUp(socket);
    await Promise.all(this.#connections.values());
  }

  async #serve(socket: PolledSocket): Promise<void> {
    try {
      await this.#answer(socket);
      socket.shutdown('write');
      const rest = Buffer.alloc(4096);
      while ((await socket.read(rest, { timeout: LINGER })) > 0);
    } catch (error) {
      if (!ORDINARY_ENDS.has((error as NodeJS.ErrnoException).code ?? '')) console.error(error);
    }
  }

  async #answer(socket: PolledSocket): Promise<void> {
    const context = { driver: this.#driver, root: this.#root, socket, timeout: this.#timeout };
    let request: Request | undefined;
    try {
      request = await readRequest(socket, this.#timeout);
      if (request === undefined) return;
      const answered = await answer(context, request);
      this.#onAnswer?.(request, answered);
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      const answered = await answerError(context, error, request?.method === 'HEAD');
      this.#onAnswer?.(request, answered);
    }
  }
}

/** Ends a connection, and leaves its descriptor to who serves it: a splice may name it. */
function hangUp(socket: PolledSocket): void {
  try {
    socket.shutdown('both');
  } catch (error) {
    // The client has reset it.
    if ((error as NodeJS.ErrnoException).code !== 'ENOTCONN') throw error;
  }
}
