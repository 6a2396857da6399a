import { invalidArgType, outOfRange } from '@polyring/core';

/** What a socket carries: a byte stream, datagrams, or a connection of datagrams. */
export type SocketType = 'stream' | 'dgram' | 'seqpacket';

const NUMBERS: ReadonlyMap<unknown, number> = new Map([
  ['stream', 1],
  ['dgram', 2],
  ['seqpacket', 5],
]);

/** The SOCK_* number of a type, as in `<sys/socket.h>`. */
export function socketTypeNumber(type: SocketType): number {
  const number = NUMBERS.get(type);
  if (number !== undefined) return number;
  if (typeof type !== 'string') throw invalidArgType('type', 'of type string', type);
  throw outOfRange('type', "'stream', 'dgram' or 'seqpacket'", type);
}
