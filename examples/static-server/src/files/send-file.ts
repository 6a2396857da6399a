import { close, pipe2 } from '@polyring/sys';
import {
  type Driver,
  IORING_OP_SPLICE,
  PollEvents,
  type PolledFile,
  type PolledSocket,
  pollAdd,
  splice,
} from 'polyring';
import type { ByteRange } from '../http/range.js';

/** Bytes of a pipe, and so of one splice. */
const PIPE_SIZE = 65_536;

/** How bytes are sent. */
export interface SendOptions {
  /** Milliseconds without progress after which the client is given up. */
  readonly timeout: number;
}

/**
 * Sends a range of a file. On a ring the bytes of a large one go from the page cache into the socket by way of a pipe,
 * and never through this process; otherwise they are read and written.
 *
 * @returns the bytes sent, fewer if the file has become shorter
 */
export async function sendFile(
  driver: Driver,
  file: PolledFile,
  socket: PolledSocket,
  { start, end }: ByteRange,
  options: SendOptions,
): Promise<number> {
  if (end - start > PIPE_SIZE && driver.ioUringProbe(IORING_OP_SPLICE)) {
    return spliceFile(driver, file, socket, { start, end }, options);
  }
  let sent = 0;
  for await (const chunk of file.chunks({ start, end })) sent += await socket.writeAll(chunk, options);
  return sent;
}

async function spliceFile(
  driver: Driver,
  file: PolledFile,
  socket: PolledSocket,
  { start, end }: ByteRange,
  options: SendOptions,
): Promise<number> {
  const [readEnd, writeEnd] = pipe2({ nonblock: false });
  try {
    let position = start;
    while (position < end) {
      const length = Math.min(end - position, PIPE_SIZE);
      const filled = await driver.ioUringSubmit(splice(file.fd, writeEnd, length, { offsetIn: position }));
      if (filled === 0) break;
      for (let left = filled; left > 0; ) left -= await spliceToSocket(driver, readEnd, socket, left, options);
      position += filled;
    }
    return position - start;
  } finally {
    close(readEnd);
    close(writeEnd);
  }
}

/** The socket does not block, so that a splice says EAGAIN where the client is slow. */
async function spliceToSocket(
  driver: Driver,
  readEnd: number,
  socket: PolledSocket,
  length: number,
  { timeout }: SendOptions,
): Promise<number> {
  for (;;) {
    try {
      return await driver.ioUringSubmit(splice(readEnd, socket.fd, length));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      await driver.ioUringSubmit(pollAdd(socket.fd, PollEvents.OUT), { signal: AbortSignal.timeout(timeout) });
    }
  }
}
