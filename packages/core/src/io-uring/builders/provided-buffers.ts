import { checkInteger, checkObject, outOfRange } from '../../errors/argument-error.js';
import { Entry, MemoryAccess, makeRareEntry } from '../entry.js';
import { IORING_OP_PROVIDE_BUFFERS, IORING_OP_REMOVE_BUFFERS } from '../opcodes.js';
import { requireBuffer } from './check.js';

/** The buffers that a piece of memory is cut into. */
export interface ProvideBuffersOptions {
  /** How many, of one size. 1 by default. */
  readonly count?: number | undefined;
  /** The number of the first. 0 by default. */
  readonly firstId?: number | undefined;
}

const UINT16_MAX = 0xffff;

/**
 * Gives the kernel buffers to select from. A buffer ring (`driver.ioUring.bufferRing`) is the faster and later way.
 *
 * Resolves to a number that is not negative. The memory stays the kernel's until the driver is closed, whatever is
 * released or removed before, and what is received into it is not told to anybody but `driver.multishot`.
 * Rejects with ERR_INVALID_ARG_TYPE for other memory than the driver's.
 * Linux 5.7; io_uring_enter(2), IORING_OP_PROVIDE_BUFFERS.
 *
 * @param buffer memory of `driver.allocate`, a multiple of `count` bytes long
 * @param group the number of the group
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function provideBuffers(buffer: ArrayBufferView, group: number, options: ProvideBuffersOptions = {}): Entry {
  const length = requireBuffer(buffer);
  checkInteger(group, 'group', 0, UINT16_MAX);
  checkObject(options);
  const { count = 1, firstId = 0 } = options;
  checkInteger(count, 'options.count', 1, UINT16_MAX + 1);
  checkInteger(firstId, 'options.firstId', 0, UINT16_MAX + 1 - count);
  if (length === 0 || length % count !== 0) {
    throw outOfRange('buffer.byteLength', `a multiple of ${count} and not 0`, length);
  }
  return Entry.unsafe({
    opcode: IORING_OP_PROVIDE_BUFFERS,
    fd: count,
    off: firstId,
    len: length / count,
    bufIndex: group,
    attached: {
      addr: {
        kind: 'bytes',
        view: buffer,
        length,
        access: MemoryAccess.KernelWrites,
        inPlaceOnly: true,
        keeps: true,
      },
    },
  });
}

/**
 * Takes buffers back that {@link provideBuffers} gave.
 *
 * Resolves to how many were taken back. Rejects with ENOENT if there is no such group.
 * Linux 5.7; io_uring_enter(2), IORING_OP_REMOVE_BUFFERS.
 *
 * @param count the most to take back
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function removeBuffers(group: number, count: number): Entry {
  checkInteger(group, 'group', 0, UINT16_MAX);
  checkInteger(count, 'count', 1, UINT16_MAX + 1);
  return makeRareEntry({ opcode: IORING_OP_REMOVE_BUFFERS, fd: count, bufIndex: group });
}
