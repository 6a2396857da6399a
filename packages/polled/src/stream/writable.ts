import type { UnderlyingSink } from 'node:stream/web';
import type { CallOptions } from '../transfer/call-options.js';

/** What a stream writes to. It is disposed of when the stream is over. */
export interface ByteSink extends Disposable {
  writeAll(buffer: ArrayBufferView, options: CallOptions): Promise<number>;
}

/**
 * A stream that accepts a chunk once the one before was written.
 *
 * @param onEnd has a function called with an error if the sink ends by other means, which is the error of the stream
 */
export function writableOf(
  sink: ByteSink,
  onEnd: (ended: (error: unknown) => void) => void = () => {},
): WritableStream<Uint8Array> {
  const abortion = new AbortController();
  let isClosing = false;
  const underlying: UnderlyingSink<Uint8Array> = {
    start(controller) {
      // @types/node 20 does not know it yet: https://streams.spec.whatwg.org/#ws-default-controller-signal
      const { signal } = controller as unknown as { signal: AbortSignal };
      onEnd((error) => {
        if (!isClosing) controller.error(error);
      });
      signal.addEventListener('abort', () => abortion.abort(signal.reason), { once: true });
    },
    async write(chunk, controller) {
      try {
        await sink.writeAll(chunk, { signal: abortion.signal });
      } catch (error) {
        // Before the disposal, whose error would be the stream's otherwise.
        controller.error(error);
        sink[Symbol.dispose]();
        throw error;
      }
    },
    close() {
      isClosing = true;
      sink[Symbol.dispose]();
    },
    abort() {
      sink[Symbol.dispose]();
    },
  };
  return new WritableStream(underlying, { highWaterMark: 1 });
}
