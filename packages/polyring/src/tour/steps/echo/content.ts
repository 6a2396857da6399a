import { randomBytes } from 'node:crypto';
import { verify } from '../../step.js';

/** Bytes of a message. */
export const MESSAGE_SIZE = 64;

/** The messages of one connection. No two of a tour are equal: each begins with its connection and its number. */
export class Messages {
  readonly #connection: number;
  readonly #bytes = randomBytes(MESSAGE_SIZE);

  constructor(connection: number) {
    this.#connection = connection;
    this.#bytes.writeUInt32LE(connection, 0);
  }

  /** The message of a number. It stands in the same memory as the one before. */
  message(number: number): Buffer {
    this.#bytes.writeUInt32LE(number, 4);
    return this.#bytes;
  }

  /**
   * Checks an answer to the latest message.
   *
   * @param by who brought it
   * @throws VerificationError
   */
  check(answer: Buffer, by: string): void {
    if (this.#bytes.equals(answer)) return;
    const number = this.#bytes.readUInt32LE(4);
    verify(false, `By ${by}, connection ${this.#connection} got another answer to message ${number} than the message.`);
  }
}
