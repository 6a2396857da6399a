import { invalidArgType, outOfRange } from '../../errors/argument-error.js';
import { decodeSocketAddress, SOCKADDR_SIZE, type SocketAddress } from '../../values/socket-address.js';

/** `struct io_uring_recvmsg_out`: namelen, controllen, payloadlen, flags. */
const OUT_SIZE = 16;
const OUT = { nameLength: 0, flags: 12 } as const;

/** Bytes of a selected buffer that stand before those of the message. */
export const SELECTED_MESSAGE_HEAD = OUT_SIZE + SOCKADDR_SIZE;

/**
 * A message that `recvmsgMultishot` brought in a buffer that the kernel selected.
 *
 * It is a view of that buffer, and good for as long as the completion's `bytes` are. Linux 6.0;
 * io_uring_enter(2), struct io_uring_recvmsg_out.
 */
export class SelectedMessage {
  readonly #buffer: Buffer;
  readonly #head: DataView;

  /**
   * @param buffer the `bytes` of a completion of `recvmsgMultishot`
   * @throws ERR_INVALID_ARG_TYPE; ERR_OUT_OF_RANGE if it is too short to be one
   */
  constructor(buffer: Buffer) {
    if (!Buffer.isBuffer(buffer)) throw invalidArgType('buffer', 'an instance of Buffer', buffer);
    if (buffer.length < SELECTED_MESSAGE_HEAD) {
      throw outOfRange('buffer.length', `at least ${SELECTED_MESSAGE_HEAD}`, buffer.length);
    }
    this.#buffer = buffer;
    this.#head = new DataView(buffer.buffer, buffer.byteOffset, OUT_SIZE);
  }

  /** The bytes of the message, in place. What found no room in the buffer is lost, and {@link flags} have MSG_TRUNC. */
  get bytes(): Buffer {
    return this.#buffer.subarray(SELECTED_MESSAGE_HEAD);
  }

  /** Who sent the message; undefined where the socket's type does not tell. */
  get address(): SocketAddress | undefined {
    const length = Math.min(this.#head.getUint32(OUT.nameLength, true), SOCKADDR_SIZE);
    return length === 0 ? undefined : decodeSocketAddress(this.#buffer.subarray(OUT_SIZE, OUT_SIZE + length));
  }

  /** What the kernel says of the message: MSG_TRUNC, MSG_CTRUNC, MSG_EOR, MSG_OOB. */
  get flags(): number {
    return this.#head.getUint32(OUT.flags, true);
  }
}
