import type { UnderlyingByteSource } from 'node:stream/web';
import type { ReadHalf } from './read-half.js';

/** Bytes of a chunk where the reader of the stream brings no buffer of its own. */
const CHUNK = 65_536;

/** A byte stream that reads when it is asked to. */
export function readableOf(half: ReadHalf): ReadableStream<Uint8Array> {
  const cancellation = new AbortController();
  const source: UnderlyingByteSource = {
    type: 'bytes',
    autoAllocateChunkSize: CHUNK,
    async pull(controller) {
      const request = controller.byobRequest;
      const view = request?.view;
      if (request == null || view == null) return;
      try {
        const bytes = await half.read(view, { signal: cancellation.signal });
        if (bytes === 0) {
          half[Symbol.dispose]();
          controller.close();
        }
        request.respond(bytes);
      } catch (error) {
        half[Symbol.dispose]();
        if (!cancellation.signal.aborted) throw error;
      }
    },
    cancel(reason) {
      cancellation.abort(reason);
      half[Symbol.dispose]();
    },
  };
  return new ReadableStream(source, { highWaterMark: 0 });
}
