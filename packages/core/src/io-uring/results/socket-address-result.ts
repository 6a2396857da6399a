import { decodeSocketAddress, SOCKADDR_SIZE, type SocketAddress } from '../../values/socket-address.js';
import type { AttachedStruct } from '../attachment.js';

/** The memory of a result, for the builder: the address, and beside it its length. */
export let socketAddressStructs: (result: SocketAddressResult) => { address: AttachedStruct; length: AttachedStruct };

/** The address that an operation tells. */
export class SocketAddressResult {
  readonly #bytes = new Uint8Array(SOCKADDR_SIZE);
  readonly #length = new Uint32Array(1);

  static {
    socketAddressStructs = (result) => ({
      address: { kind: 'struct', bytes: new Uint8Array(SOCKADDR_SIZE), into: result.#bytes },
      length: {
        kind: 'struct',
        bytes: new Uint8Array(Uint32Array.of(SOCKADDR_SIZE).buffer),
        into: new Uint8Array(result.#length.buffer),
      },
    });
  }

  /** The address; undefined until an operation told one, or if the socket tells none. */
  get address(): SocketAddress | undefined {
    const length = Math.min(this.#length[0] as number, SOCKADDR_SIZE);
    return length === 0 ? undefined : decodeSocketAddress(this.#bytes.slice(0, length));
  }
}
