import { endianness } from 'node:os';
import { AF_INET, AF_INET6, AF_UNIX, type SocketAddressInput, type SocketFamily } from '@polyring/sys';

const NAMES: ReadonlyMap<number, SocketFamily> = new Map([
  [AF_UNIX, 'unix'],
  [AF_INET, 'ipv4'],
  [AF_INET6, 'ipv6'],
]);

/** The family that an address is of, which was checked: a name, or the AF_* number of one that has none here. */
export function familyOf(address: SocketAddressInput): SocketFamily | number {
  if ('path' in address) return 'unix';
  if ('bytes' in address) return rawFamily(address.bytes);
  return String(address.address).includes(':') ? 'ipv6' : 'ipv4';
}

/** `sa_family` of a `struct sockaddr`, in the machine's byte order. */
function rawFamily(bytes: Uint8Array): SocketFamily | number {
  const [first = 0, second = 0] = bytes;
  const number = endianness() === 'LE' ? first | (second << 8) : (first << 8) | second;
  return NAMES.get(number) ?? number;
}
