import { STATUS_CODES } from 'node:http';

/** The head of a response: everything before its body. */
export function responseHead(status: number, headers: Readonly<Record<string, string | number>>): Buffer {
  const lines = [`HTTP/1.0 ${status} ${STATUS_CODES[status] ?? ''}`, `Date: ${new Date().toUTCString()}`];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  return Buffer.from(`${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`, 'latin1');
}
