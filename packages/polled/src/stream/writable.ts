import type { UnderlyingSink } from 'node:stream/web';
import type { WriteHalf } from './write-half.js';

/** A stream that accepts a chunk once the one before was written. */
export function writableOf(half: WriteHalf): WritableStream<Uint8Array> {
  const abortion = new AbortController();
  const sink: UnderlyingSink<Uint8Array> = {
    start(controller) {
      // @types/node 20 does not know it yet: https://streams.spec.whatwg.org/#ws-default-controller-signal
      const { signal } = controller as unknown as { signal: AbortSignal };
      signal.addEventListener('abort', () => abortion.abort(signal.reason), { once: true });
    },
    async write(chunk) {
      try {
        await half.writeAll(chunk, { signal: abortion.signal });
      } catch (error) {
        half[Symbol.dispose]();
        throw error;
      }
    },
    close() {
      half[Symbol.dispose]();
    },
    abort() {
      half[Symbol.dispose]();
    },
  };
  return new WritableStream(sink, { highWaterMark: 1 });
}
