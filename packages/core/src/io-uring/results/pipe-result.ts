import type { RawFd } from '../../values/raw-fd.js';
import { type AttachedStruct, writtenStruct } from '../attachment.js';

/** The memory of a result, for the builder. */
export let pipeStruct: (result: PipeResult) => AttachedStruct;

/** The two ends of a pipe, or their slots among the registered files. -1 until they were made. */
export class PipeResult {
  readonly #ends = Int32Array.of(-1, -1);

  static {
    pipeStruct = (result) => writtenStruct(new Uint8Array(result.#ends.buffer));
  }

  get readEnd(): RawFd {
    return this.#ends[0] as number;
  }

  get writeEnd(): RawFd {
    return this.#ends[1] as number;
  }
}
