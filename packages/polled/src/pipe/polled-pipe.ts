import { constants, openSync } from 'node:fs';
import {
  checkDriver,
  closedError,
  type Driver,
  Errno,
  flag,
  InterestSlot,
  invalidWord,
  type RawFd,
  systemError,
} from '@polyring/core';
import { checkPollable, close, fcntlGetFlags, fdKind, type PipeOptions, pipe2 } from '@polyring/sys';
import { FILE_PACKETS, PIPE_BYTES, PIPE_PACKETS } from '../stream/file-kinds.js';
import { PolledStream } from '../stream/polled-stream.js';
import { ReadHalf } from '../stream/read-half.js';
import type { StreamKind } from '../stream/stream-kind.js';
import { WriteHalf } from '../stream/write-half.js';
import { requireNonblocking } from '../transfer/adopt.js';
import { Channel } from '../transfer/channel.js';
import { pairOf } from '../transfer/pair-of.js';
import type { ReadAhead } from '../transfer/read-ahead.js';
import { fdReadiness } from '../transfer/readiness.js';
import { takeFromFs } from '../transfer/take-from-fs.js';

/** What the kernel does not tell of a descriptor. */
export interface PolledPipeOptions {
  /** It is the reading end of a pipe of packets, so that its stream gives each packet whole. Default false. */
  readonly packets?: boolean | undefined;
}

/** Which directions of a named pipe are opened: reading, writing, or both. */
export type PipeMode = 'r' | 'w' | 'r+';

/** The bits that say for what a file was opened, as in `<fcntl.h>`. */
const O_ACCMODE = 3;

/** The direction that an end of a pipe does not have, by what it was opened for. */
const CLOSED_DIRECTION: ReadonlyMap<number, { readonly slot: InterestSlot; readonly syscall: string }> = new Map([
  [constants.O_RDONLY, { slot: InterestSlot.Write, syscall: 'write' }],
  [constants.O_WRONLY, { slot: InterestSlot.Read, syscall: 'read' }],
]);

const FLAGS: ReadonlyMap<unknown, number> = new Map([
  ['r', constants.O_RDONLY],
  ['w', constants.O_WRONLY],
  ['r+', constants.O_RDWR],
]);

/**
 * One end of a pipe, or of anything else that is a stream of bytes and can be polled: a FIFO, a terminal, a TUN device.
 *
 * @example
 * ```ts run
 * import { createDriver, PolledPipe } from 'polyring';
 *
 * const { driver } = await createDriver();
 * const [reader, writer] = PolledPipe.pair(driver);
 * await writer.writeAll(Buffer.from('through the pipe'));
 * writer[Symbol.dispose]();
 *
 * for await (const chunk of reader.readable) console.log(`${Buffer.from(chunk)}`);
 * await driver.close();
 * ```
 */
export class PolledPipe extends PolledStream {
  /**
   * Takes over a descriptor that is open already. It is closed with this object.
   *
   * @param fd a descriptor that does not block
   * @param options `packets` for the reading end of a pipe of packets
   * @throws EBADF; EPERM for what cannot be polled, such as a regular file; ERR_POLYRING_BLOCKING_FD,
   * ERR_POLYRING_CLOSED; ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE. The descriptor stays the caller's then
   */
  constructor(driver: Driver, fd: RawFd, options: PolledPipeOptions = {}) {
    checkDriver(driver);
    const packets = flag(options, 'packets', false);
    requireNonblocking(fd);
    checkPollable(fd);
    if (driver.closed) throw closedError(driver.name);
    const channel = new Channel<ReadAhead>(driver, fd, 'pipe', fdReadiness);
    const closed = CLOSED_DIRECTION.get(fcntlGetFlags(fd) & O_ACCMODE);
    if (closed !== undefined) channel.end(closed.slot, () => systemError(Errno.EBADF, closed.syscall, { fd }));
    const kind = kindOf(fd, packets);
    super(channel, new ReadHalf(channel, kind), new WriteHalf(channel, kind));
  }

  /**
   * Makes a pipe.
   *
   * @param options `direct` for packets: each write is read as one
   * @throws EMFILE, ENFILE; ERR_INVALID_ARG_TYPE; ERR_POLYRING_CLOSED
   */
  static pair(driver: Driver, options: Pick<PipeOptions, 'direct'> = {}): [reader: PolledPipe, writer: PolledPipe] {
    const direct = flag(options, 'direct', false);
    return pairOf(pipe2({ direct }), (fd) => new PolledPipe(driver, fd, { packets: direct }));
  }

  /**
   * Opens a named pipe, a FIFO as by mkfifo(1), or a device that is one.
   *
   * @param mode `r`, `w` or `r+`. Writing needs a reader that is there already. Reading waits for the first writer; where
   * all writers have left it is at the end, until another one writes. With `r+`, which is reader and writer
   * in one, the end of the stream never comes
   * @throws ENOENT, EACCES; ENXIO for `w` without a reader; EPERM for a regular file; EMFILE; ERR_INVALID_ARG_TYPE,
   * ERR_INVALID_ARG_VALUE, for a path with a null byte too; ERR_POLYRING_CLOSED
   */
  static open(driver: Driver, path: string | Buffer | URL, mode: PipeMode = 'r'): PolledPipe {
    const flags = FLAGS.get(mode);
    if (flags === undefined) throw invalidWord('mode', FLAGS.keys(), mode);
    const fd = takeFromFs(openSync(path, flags | constants.O_NONBLOCK));
    try {
      return new PolledPipe(driver, fd);
    } catch (error) {
      close(fd);
      throw error;
    }
  }
}

/** @param packets whether a pipe is one of packets, which its writing end tells as well */
function kindOf(fd: RawFd, packets: boolean): StreamKind {
  if (fdKind(fd) !== 'fifo') return FILE_PACKETS;
  return packets || (fcntlGetFlags(fd) & constants.O_DIRECT) !== 0 ? PIPE_PACKETS : PIPE_BYTES;
}
