import type { ReadableByteStreamController, UnderlyingByteSource } from 'node:stream/web';
import type { Driver } from '@polyring/core';
import type { CallOptions } from '../transfer/call-options.js';
import { onDriverEnd } from './driver-end.js';

/** What a stream of bytes reads from. It is disposed of when the stream is over. */
export interface ByteSource extends Disposable {
  /** Answers with the bytes read; 0 at the end. */
  read(buffer: ArrayBufferView, options: CallOptions): Promise<number>;
}

/** What a stream of messages reads from. It is disposed of when the stream is over. */
export interface MessageSource extends Disposable {
  /** Answers with a whole message, which is the stream's from then on; undefined at the end. */
  readMessage(options: CallOptions): Promise<Uint8Array | undefined>;
}

/** Bytes that there is room for where neither the reader of the stream nor the kernel says how many there are. */
export const CHUNK = 65_536;

/**
 * A byte stream that reads when it is asked to. The end of the driver is an error of it. Of messages each is a chunk, and
 * goes on in the next one where the reader of the stream brings a buffer that is too small.
 *
 * @param onEnd has a function called with an error if the source ends by other means, which is the error of the stream once
 * a read under way is over; returns what takes it back
 */
export function readableOf(
  driver: Driver,
  source: ByteSource | MessageSource,
  onEnd: (ended: (error: unknown) => void) => () => void,
): ReadableStream<Uint8Array> {
  const cancellation = new AbortController();
  const { signal } = cancellation;
  const isOfMessages = 'readMessage' in source;
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
    ...(isOfMessages ? {} : { autoAllocateChunkSize: CHUNK }),
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
      isReading = true;
      try {
        const found = isOfMessages
          ? await nextMessage(controller, source, signal)
          : await nextBytes(controller, source, signal);
        if (found) endAfterRead?.();
        else over();
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

/** Reads into the room that the reader of the stream brings. Answers whether there was anything. */
async function nextBytes(
  controller: ReadableByteStreamController,
  source: ByteSource,
  signal: AbortSignal,
): Promise<boolean> {
  const request = controller.byobRequest;
  const view = request?.view;
  if (request == null || view == null) return true;
  const bytes = await source.read(view, { signal });
  if (bytes === 0) controller.close();
  request.respond(bytes);
  return bytes > 0;
}

/** Has the stream cut a message for a reader that brings room of its own. Answers whether there was any. */
async function nextMessage(
  controller: ReadableByteStreamController,
  source: MessageSource,
  signal: AbortSignal,
): Promise<boolean> {
  const message = await source.readMessage({ signal });
  if (message !== undefined) {
    controller.enqueue(message);
    return true;
  }
  controller.close();
  controller.byobRequest?.respond(0);
  return false;
}
