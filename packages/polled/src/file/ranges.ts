import { checkInteger, checkObject } from '@polyring/core';
import type { CallOptions } from '../transfer/call-options.js';

/** A part of a file. Streams have none: theirs is whatever comes. */
export interface FileRange extends CallOptions {
  /** The first byte. Default 0. */
  readonly start?: number | undefined;
  /** The byte behind the last. Default: the end of the file, wherever that is when it is reached. */
  readonly end?: number | undefined;
}

/** Where a range begins and ends; `end` is Infinity where there is no limit. */
export interface Extent {
  readonly start: number;
  readonly end: number;
}

/** @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE */
export function extentOf(range: Pick<FileRange, keyof Extent>): Extent {
  checkObject(range);
  const { start = 0, end = Infinity } = range;
  checkInteger(start, 'options.start', 0, Number.MAX_SAFE_INTEGER);
  if (end !== Infinity) checkInteger(end, 'options.end', start, Number.MAX_SAFE_INTEGER);
  return { start, end };
}
