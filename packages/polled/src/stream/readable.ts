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
 * @param onEnd has a function called with an error if the source ends by other means, which is the error of the stream once
 * a read under way is over; returns what takes it back
 * @param isEnd whether a read of no byte is the end, and not an empty message
 */
export function readableOf(
  driver: Driver,
  source: ByteSource,
  onEnd: (ended: (error: unknown) => void) => () => void,
  isEnd: () => boolean = () => true,
): ReadableStream<Uint8Array> {
  const cancellation = new AbortController();
  let forget = (): void => {};
  const over = (): void => {
    forget();
    source[Symbol.dispose]();
  };
  let isReading = false;
  /** Errors the stream with an end that came during a read. */
  let endAfterRead: (() => void) | undefined;
  const underlying: UnderlyingByteSource = {
    type: 'bytes',
    autoAllocateChunkSize: CHUNK,
    start(controller) {
      const forgetDriver = onDriverEnd(driver, (error) => controller.error(error));
      const forgetSource = onEnd((error) => {
        forget();
        if (isReading) endAfterRead = () => controller.error(error);
        else controller.error(error);
      });
      forget = () => {
        forgetDriver();
        forgetSource();
      };
    },
    async pull(controller) {
      const request = controller.byobRequest;
      const view = request?.view;
      if (request == null || view == null) return;
      isReading = true;
      try {
        let bytes = 0;
        do bytes = await source.read(view, { signal: cancellation.signal });
        while (bytes === 0 && !isEnd());
        if (bytes === 0) controller.close();
        request.respond(bytes);
        if (bytes === 0) over();
        else endAfterRead?.();
      } catch (error) {
        // Before the disposal, whose error would be the stream's otherwise.
        controller.error(error);
        over();
      } finally {
        isReading = false;
      }
    },
    cancel(reason) {
      cancellation.abort(reason);
      over();
    },
  };
  return new ReadableStream(underlying, { highWaterMark: 0 });
}
