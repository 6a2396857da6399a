import { rate } from '../../measures.js';
import type { Side } from '../../step.js';
import { MESSAGE_SIZE, Messages } from './content.js';

/** Connections at the same time. */
export const CONNECTIONS = 50;
/** Messages over all connections together. */
export const MESSAGES = 20_000;
/** Messages between two signs of progress: a slow machine takes longer for all of them than a step may be silent. */
const TOLD_EVERY = 100;

/** The near end of one connection to an echo server. */
export interface EchoClient {
  /** Sends a message and fills `answer` with as many bytes as come back. */
  roundTrip(message: Buffer, answer: Buffer): Promise<void>;
}

/** An echo server and its connected clients. */
export interface EchoBench {
  /** What it is made of, such as `node:net`. */
  readonly by: string;
  readonly clients: readonly EchoClient[];
  /** Ends the connections and the server. */
  close(): Promise<void>;
}

/**
 * Sends the messages, on each connection one after the other, and checks every answer. Closes the bench.
 *
 * @param progress is told the messages answered so far
 * @throws VerificationError for a wrong answer
 */
export async function exchange(
  bench: EchoBench,
  messages: number,
  progress: (messages: number) => void,
): Promise<Side> {
  const { by, clients } = bench;
  const each = messages / clients.length;
  let answered = 0;
  try {
    const started = performance.now();
    await Promise.all(
      clients.map(async (client, connection) => {
        const content = new Messages(connection);
        const answer = Buffer.alloc(MESSAGE_SIZE);
        for (let number = 0; number < each; number += 1) {
          await client.roundTrip(content.message(number), answer);
          content.check(answer, by);
          answered += 1;
          if (answered % TOLD_EVERY === 0) progress(answered);
        }
      }),
    );
    return { by, measures: rate(answered, (performance.now() - started) / 1e3) };
  } finally {
    await bench.close();
  }
}
