import { socketFamilyName } from '@polyring/core';
import type { SocketAddressInput, SocketFamily } from '@polyring/sys';

/** The family that an address is of, which was checked: a name, or the AF_* number of one that has none here. */
export function familyOf(address: SocketAddressInput): SocketFamily | number {
  if ('path' in address) return 'unix';
  if ('bytes' in address) return rawFamily(address.bytes);
  return String(address.address).includes(':') ? 'ipv6' : 'ipv4';
}

/** `sa_family` of a `struct sockaddr`. */
function rawFamily([first = 0, second = 0]: Uint8Array): SocketFamily | number {
  const number = first | (second << 8);
  return socketFamilyName(number) ?? number;
}
