import { type AllocateOptions, alignOf, type DriverMemory, LARGEST_LOAN } from '../contract/memory.js';
import { checkInteger } from '../errors/argument-error.js';
import { PolyringError } from '../errors/polyring-error.js';

/** What any ArrayBuffer's address is a multiple of. */
const USUAL_ALIGN = 8;

/** Memory of the JavaScript heap in the form of a driver's memory. */
export class OrdinaryMemory implements DriverMemory {
  readonly bytes: Buffer;

  /** @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; ERR_POLYRING_UNSUPPORTED for an alignment that the heap does not give */
  constructor(byteLength: number, options?: AllocateOptions) {
    checkInteger(byteLength, 'byteLength', 1, LARGEST_LOAN);
    const align = alignOf(USUAL_ALIGN, options);
    if (align > USUAL_ALIGN) {
      throw new PolyringError(
        'ERR_POLYRING_UNSUPPORTED',
        `This driver lends memory of the JavaScript heap, which is aligned to ${USUAL_ALIGN} bytes, not to ${align}. ` +
          'Ask for less, or select a backend that has io_uring, in a runtime that has WebAssembly.',
      );
    }
    this.bytes = Buffer.alloc(byteLength);
  }

  release(): void {}

  [Symbol.dispose](): void {}
}
