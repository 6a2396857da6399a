import { checkInteger, checkObject } from '../../errors/argument-error.js';
import type { RawFd } from '../../values/raw-fd.js';
import { decodeSocketAddress, SOCKADDR_SIZE, type SocketAddress } from '../../values/socket-address.js';
import { SOL_SOCKET } from '../../values/socket-option.js';
import type { AttachedStruct, Attachment, Pointer } from '../attachment.js';
import {
  type ControlMessage,
  controlLengthOf,
  controlSpace,
  decodeControl,
  MAXIMUM_MESSAGE_FDS,
  SCM_RIGHTS,
} from './control-message.js';
import { MSGHDR, MSGHDR_SIZE, writeWord } from './msghdr.js';

/** What may come beside the bytes of a message. */
export interface MessageResultOptions {
  /** The most descriptors to take, 0 by default. The kernel drops those beyond it and sets MSG_CTRUNC. */
  readonly maximumFds?: number | undefined;
  /** Bytes of room for other control messages, 0 by default. The kernel may use it for more descriptors. */
  readonly controlLength?: number | undefined;
}

/** The memory of a result, for the builder. */
export let messageStruct: (result: MessageResult, vectors: Attachment, count: number) => AttachedStruct;

/** What a received message brought beside its bytes. It tells of the last operation that was done with it. */
export class MessageResult {
  readonly #header = new DataView(new ArrayBuffer(MSGHDR_SIZE));
  readonly #name = new Uint8Array(SOCKADDR_SIZE);
  readonly #control: Uint8Array;

  /** @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE */
  constructor(options: MessageResultOptions = {}) {
    checkObject(options);
    const { maximumFds = 0, controlLength = 0 } = options;
    checkInteger(maximumFds, 'options.maximumFds', 0, MAXIMUM_MESSAGE_FDS);
    checkInteger(controlLength, 'options.controlLength', 0, 65536);
    const bytes = maximumFds * Int32Array.BYTES_PER_ELEMENT;
    // What aligns the next message would be room for one more descriptor.
    const forFds = controlLength === 0 ? controlLengthOf(bytes) : controlSpace(bytes);
    this.#control = new Uint8Array((maximumFds === 0 ? 0 : forFds) + controlLength);
  }

  static {
    messageStruct = (result, vectors, count) => {
      const control = result.#control;
      const header = new Uint8Array(MSGHDR_SIZE);
      const fields = new DataView(header.buffer);
      fields.setUint32(MSGHDR.nameLength, SOCKADDR_SIZE, true);
      writeWord(fields, MSGHDR.vectorCount, count);
      writeWord(fields, MSGHDR.controlLength, control.length);
      const name: AttachedStruct = { kind: 'struct', bytes: new Uint8Array(SOCKADDR_SIZE), into: result.#name };
      const pointers: Pointer[] = [
        { at: MSGHDR.name, to: name },
        { at: MSGHDR.vectors, to: vectors },
      ];
      if (control.length > 0) {
        const to: AttachedStruct = { kind: 'struct', bytes: new Uint8Array(control.length), into: control };
        pointers.push({ at: MSGHDR.control, to });
      }
      return { kind: 'struct', bytes: header, into: new Uint8Array(result.#header.buffer), pointers };
    };
  }

  /** Who sent the message; undefined where the socket's type does not tell. */
  get address(): SocketAddress | undefined {
    const length = Math.min(this.#header.getUint32(MSGHDR.nameLength, true), SOCKADDR_SIZE);
    return length === 0 ? undefined : decodeSocketAddress(this.#name.slice(0, length));
  }

  /** What the kernel says of the message: MSG_TRUNC, MSG_CTRUNC, MSG_EOR, MSG_OOB. */
  get flags(): number {
    return this.#header.getUint32(MSGHDR.flags, true);
  }

  /** The control messages that came with it (cmsg(3)). */
  get control(): ControlMessage[] {
    const length = Math.min(this.#header.getUint32(MSGHDR.controlLength, true), this.#control.length);
    return decodeControl(this.#control.slice(0, length));
  }

  /** The descriptors that came with it, close-on-exec (unix(7), SCM_RIGHTS). The receiver has to close them, after ERR_POLYRING_BUFFER_GONE too. */
  get fds(): RawFd[] {
    return this.control
      .filter(({ level, type }) => level === SOL_SOCKET && type === SCM_RIGHTS)
      .flatMap(({ data }) => [...new Int32Array(data.slice().buffer)]);
  }
}
