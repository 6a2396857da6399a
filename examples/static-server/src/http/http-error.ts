import { STATUS_CODES } from 'node:http';

/** A request that is answered with an error. */
export class HttpError extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, headers: Readonly<Record<string, string>> = {}) {
    super(STATUS_CODES[status] ?? 'Error');
    this.status = status;
    this.headers = headers;
  }
}
