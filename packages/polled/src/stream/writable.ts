import type { UnderlyingSink } from 'node:stream/web';
import type { Driver } from '@polyring/core';
import type { CallOptions } from '../transfer/call-options.js';
import { onDriverEnd } from './driver-end.js';

/** What a stream writes to. It is disposed of when the stream is over. */
export interface ByteSink extends Disposable {
  writeAll(buffer: ArrayBufferView, options: CallOptions): Promise<number>;
}

/**
 * A stream that accepts a chunk once the one before was written. The end of the driver is an error of it.
 *
 * @param onEnd has a function called with an error if the sink ends by other means, which is the error of the
 * stream; returns what takes it back
 */
export function writableOf(
  driver: Driver,
  sink: ByteSink,
  onEnd: (ended: (error: unknown) => void) => () => void,
): WritableStream<Uint8Array> {
  const abortion = new AbortController();
  let isClosing = false;
  let forget = (): void => {};
  const over = (): void => {
    forget();
    sink[Symbol.dispose]();
  };
  const underlying: UnderlyingSink<Uint8Array> = {
    start(controller) {
      // @types/node 20 does not know it yet: https://streams.spec.whatwg.org/#ws-default-controller-signal
      const { signal } = controller as unknown as { signal: AbortSignal };
      const forgetDriver = onDriverEnd(driver, (error) => controller.error(error));
      const forgetSink = onEnd((error) => {
        forget();
        if (!isClosing) controller.error(error);
      });
      forget = () => {
        forgetDriver();
        forgetSink();
      };
      signal.addEventListener('abort', () => abortion.abort(signal.reason), { once: true });
    },
    async write(chunk, controller) {
      try {
        await sink.writeAll(chunk, { signal: abortion.signal });
      } catch (error) {
        // Before the disposal, whose error would be the stream's otherwise.
        controller.error(error);
        over();
        throw error;
      }
    },
    close() {
      isClosing = true;
      over();
    },
    abort() {
      over();
    },
  };
  return new WritableStream(underlying, { highWaterMark: 1 });
}
