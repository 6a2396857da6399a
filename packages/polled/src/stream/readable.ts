import type { UnderlyingByteSource } from 'node:stream/web';
import type { CallOptions } from '../transfer/call-options.js';

/** What a stream reads from. It is disposed of when the stream is over. */
export interface ByteSource extends Disposable {
  /** Answers with the bytes read; 0 at the end. */
  read(buffer: ArrayBufferView, options: CallOptions): Promise<number>;
}

/** Bytes of a chunk where the reader of the stream brings no buffer of its own. */
const CHUNK = 65_536;

/**
 * A byte stream that reads when it is asked to.
 *
 * @param onEnd has a function called with an error if the source ends by other means, which is the error of the stream
 */
export function readableOf(
  source: ByteSource,
  onEnd: (ended: (error: unknown) => void) => void = () => {},
): ReadableStream<Uint8Array> {
  const cancellation = new AbortController();
  const underlying: UnderlyingByteSource = {
    type: 'bytes',
    autoAllocateChunkSize: CHUNK,
    start(controller) {
      onEnd((error) => controller.error(error));
    },
    async pull(controller) {
      const request = controller.byobRequest;
      const view = request?.view;
      if (request == null || view == null) return;
      try {
        const bytes = await source.read(view, { signal: cancellation.signal });
        if (bytes === 0) controller.close();
        request.respond(bytes);
        if (bytes === 0) source[Symbol.dispose]();
      } catch (error) {
        // Before the disposal, whose error would be the stream's otherwise.
        controller.error(error);
        source[Symbol.dispose]();
      }
    },
    cancel(reason) {
      cancellation.abort(reason);
      source[Symbol.dispose]();
    },
  };
  return new ReadableStream(underlying, { highWaterMark: 0 });
}
