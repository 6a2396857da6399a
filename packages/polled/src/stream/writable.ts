import type { UnderlyingSink } from 'node:stream/web';
import type { CallOptions } from '../transfer/call-options.js';

/** What a stream writes to. It is disposed of when the stream is over. */
export interface ByteSink extends Disposable {
  writeAll(buffer: ArrayBufferView, options: CallOptions): Promise<number>;
}

/** A stream that accepts a chunk once the one before was written. */
export function writableOf(sink: ByteSink): WritableStream<Uint8Array> {
  const abortion = new AbortController();
  const underlying: UnderlyingSink<Uint8Array> = {
    start(controller) {
      // @types/node 20 does not know it yet: https://streams.spec.whatwg.org/#ws-default-controller-signal
      const { signal } = controller as unknown as { signal: AbortSignal };
      signal.addEventListener('abort', () => abortion.abort(signal.reason), { once: true });
    },
    async write(chunk) {
      try {
        await sink.writeAll(chunk, { signal: abortion.signal });
      } catch (error) {
        sink[Symbol.dispose]();
        throw error;
      }
    },
    close() {
      sink[Symbol.dispose]();
    },
    abort() {
      sink[Symbol.dispose]();
    },
  };
  return new WritableStream(underlying, { highWaterMark: 1 });
}
