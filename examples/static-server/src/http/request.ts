import type { PolledSocket } from 'polyring';
import { HttpError } from './http-error.js';

/** What a client asks for. */
export interface Request {
  readonly method: string;
  /** The path and the query, as they were sent. */
  readonly target: string;
  /** By their names in lower case; of several with one name the last. */
  readonly headers: ReadonlyMap<string, string>;
}

/** Bytes of a request line and its headers, at most. */
const LARGEST_HEAD = 16_384;

const REQUEST_LINE = /^([A-Z]+) (\S+) HTTP\/1\.\d$/;
const HEADER_LINE = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*?)[ \t]*$/;

/**
 * Reads the head of a request.
 *
 * @param timeout milliseconds for all of it
 * @returns undefined if the client has closed the connection instead
 * @throws (rejects) HttpError 400, 408, 431
 */
export async function readRequest(socket: PolledSocket, timeout: number): Promise<Request | undefined> {
  const buffer = Buffer.alloc(LARGEST_HEAD);
  const signal = AbortSignal.timeout(timeout);
  let length = 0;
  for (;;) {
    if (length === buffer.length) throw new HttpError(431);
    let bytes: number;
    try {
      bytes = await socket.read(buffer, { offset: length, signal });
    } catch (error) {
      throw signal.aborted ? new HttpError(408) : error;
    }
    if (bytes === 0) {
      if (length === 0) return undefined;
      throw new HttpError(400);
    }
    length += bytes;
    const end = buffer.subarray(0, length).indexOf('\r\n\r\n');
    if (end >= 0) return parseRequest(buffer.toString('latin1', 0, end));
  }
}

/** @throws HttpError 400 */
export function parseRequest(head: string): Request {
  const [line = '', ...lines] = head.split('\r\n');
  const [, method, target] = REQUEST_LINE.exec(line) ?? [];
  if (method === undefined || target === undefined) throw new HttpError(400);
  const headers = new Map<string, string>();
  for (const each of lines) {
    const [, name, value] = HEADER_LINE.exec(each) ?? [];
    if (name === undefined || value === undefined) throw new HttpError(400);
    headers.set(name.toLowerCase(), value);
  }
  return { method, target, headers };
}
