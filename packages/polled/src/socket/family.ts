import { endianness } from 'node:os';
import type { SocketAddressInput, SocketFamily } from '@polyring/sys';

/** The family that an address is of: a name, or the AF_* number of one that has none here. */
export function familyOf(address: SocketAddressInput): SocketFamily | number {
  // What is no address at all is left to the call that it is for.
  if (typeof address !== 'object' || address === null) return 'ipv4';
  if ('path' in address) return 'unix';
  if ('bytes' in address) return rawFamily(address.bytes);
  return String(address.address).includes(':') ? 'ipv6' : 'ipv4';
}

/** `sa_family` of a `struct sockaddr`, in the machine's byte order. */
function rawFamily(bytes: Uint8Array): number {
  const [first = 0, second = 0] = bytes;
  return endianness() === 'LE' ? first | (second << 8) : (first << 8) | second;
}
