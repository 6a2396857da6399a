import type { UnderlyingByteSource } from 'node:stream/web';
import type { Driver } from '@polyring/core';
import type { CallOptions } from '../transfer/call-options.js';
import { onDriverEnd } from './driver-end.js';

/** What a stream reads from. It is disposed of when the stream is over. */
export interface ByteSource extends Disposable {
  /** Answers with the bytes read; 0 at the end. */
  read(buffer: ArrayBufferView, options: CallOptions): Promise<number>;
}

/** Bytes of a chunk where the reader of the stream brings no buffer of its own. */
const CHUNK = 65_536;

/**
 * A byte stream that reads when it is asked to. The end of the driver is an error of it.
 *
 * @param onEnd has a function called with an error if the source ends by other means, which is the error of the stream
 */
export function readableOf(
  driver: Driver,
  source: ByteSource,
  onEnd: (ended: (error: unknown) => void) => void = () => {},
): ReadableStream<Uint8Array> {
  const cancellation = new AbortController();
  let forget = (): void => {};
  const over = (): void => {
    forget();
    source[Symbol.dispose]();
  };
  const underlying: UnderlyingByteSource = {
    type: 'bytes',
    autoAllocateChunkSize: CHUNK,
    start(controller) {
      const ended = (error: unknown): void => controller.error(error);
      forget = onDriverEnd(driver, ended);
      onEnd((error) => {
        forget();
        ended(error);
      });
    },
    async pull(controller) {
      const request = controller.byobRequest;
      const view = request?.view;
      if (request == null || view == null) return;
      try {
        const bytes = await source.read(view, { signal: cancellation.signal });
        if (bytes === 0) controller.close();
        request.respond(bytes);
        if (bytes === 0) over();
      } catch (error) {
        // Before the disposal, whose error would be the stream's otherwise.
        controller.error(error);
        over();
      }
    },
    cancel(reason) {
      cancellation.abort(reason);
      over();
    },
  };
  return new ReadableStream(underlying, { highWaterMark: 0 });
}
