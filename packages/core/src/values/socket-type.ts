import { checkInteger, invalidWord } from '../errors/argument-error.js';
import { AF_INET, AF_INET6, AF_UNIX } from './socket-address.js';

/** What a socket carries: a byte stream, datagrams, a connection of datagrams, or packets of the protocol below. */
export type SocketType = 'stream' | 'dgram' | 'seqpacket' | 'raw';

/** What a socket speaks. */
export type SocketFamily = 'ipv4' | 'ipv6' | 'unix';

/** The largest number of a family: `sa_family_t` has 16 bits. */
const LARGEST_FAMILY = 0xffff;

/** Directions of a connection. */
export type ShutdownDirection = 'read' | 'write' | 'both';

const TYPES: ReadonlyMap<unknown, number> = new Map([
  ['stream', 1],
  ['dgram', 2],
  ['raw', 3],
  ['seqpacket', 5],
]);

const FAMILIES: ReadonlyMap<unknown, number> = new Map([
  ['unix', AF_UNIX],
  ['ipv4', AF_INET],
  ['ipv6', AF_INET6],
]);

const DIRECTIONS: ReadonlyMap<unknown, number> = new Map([
  ['read', 0],
  ['write', 1],
  ['both', 2],
]);

/** The SOCK_* number of a type, as in `<sys/socket.h>`. Throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE. */
export function socketTypeNumber(type: SocketType): number {
  return numberOf(TYPES, type, 'type');
}

/** The type of a SOCK_* number; undefined for one that has no name here. */
export function socketTypeName(number: number): SocketType | undefined {
  return nameOf(TYPES, number) as SocketType | undefined;
}

/**
 * The AF_* number of a family, as in `<sys/socket.h>`. Throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE.
 *
 * @param family a name, or the number of another family, such as 16 for AF_NETLINK and 29 for AF_CAN
 */
export function socketFamilyNumber(family: SocketFamily | number): number {
  if (typeof family === 'number') {
    checkInteger(family, 'family', 0, LARGEST_FAMILY);
    return family;
  }
  return numberOf(FAMILIES, family, 'family', 'of type string or number');
}

/** The family of an AF_* number; undefined for one that has no name here. */
export function socketFamilyName(number: number): SocketFamily | undefined {
  return nameOf(FAMILIES, number) as SocketFamily | undefined;
}

/** The SHUT_* number of a direction, as in `<sys/socket.h>`. Throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE. */
export function shutdownNumber(direction: ShutdownDirection): number {
  return numberOf(DIRECTIONS, direction, 'direction');
}

function numberOf(numbers: ReadonlyMap<unknown, number>, value: unknown, name: string, type?: string): number {
  const number = numbers.get(value);
  if (number === undefined) throw invalidWord(name, numbers.keys(), value, type);
  return number;
}

function nameOf(numbers: ReadonlyMap<unknown, number>, number: number): unknown {
  for (const [name, known] of numbers) if (known === number) return name;
  return undefined;
}
