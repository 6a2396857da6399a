import { flag, type RawFd } from '@polyring/core';
import {
  bind,
  close,
  encodeSocketAddress,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  own,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOL_SOCKET,
  type SocketAddressInput,
  type SocketFamily,
  type SocketType,
  setsockopt,
  socket,
} from '@polyring/sys';
import { familyOf } from './family.js';

/** What kind of socket is made. */
export interface SocketKind {
  /** Default `stream`; for a socket that is bound and does not listen `dgram`. */
  readonly type?: SocketType | undefined;
  /** The protocol's number. Default 0, the usual one of the family and type. */
  readonly protocol?: number | undefined;
}

/** How a socket gets its own address. */
export interface BindOptions extends SocketKind {
  /** SO_REUSEADDR: whether an address whose last connections linger may be bound. */
  readonly reuseAddress?: boolean | undefined;
  /** SO_REUSEPORT: whether several sockets may share the address. Default false. */
  readonly reusePort?: boolean | undefined;
  /** IPV6_V6ONLY: whether an IPv6 socket refuses IPv4. Default as the system has it. */
  readonly ipv6Only?: boolean | undefined;
}

/** Makes a non-blocking socket for an address, which is checked first, and closes it if `prepare` fails. */
export function openSocketFor(
  address: SocketAddressInput,
  { type = 'stream', protocol = 0 }: SocketKind,
  prepare: (fd: RawFd, family: SocketFamily | number) => void,
): RawFd {
  encodeSocketAddress(address);
  const family = familyOf(address);
  const fd = socket(family, type, { protocol });
  own(fd);
  try {
    prepare(fd, family);
    return fd;
  } catch (error) {
    close(fd);
    throw error;
  }
}

/**
 * Makes a socket with an address of its own.
 *
 * @param reusesInet the default of `reuseAddress` for IP
 */
export function openBoundSocket(address: SocketAddressInput, options: BindOptions, reusesInet = false): RawFd {
  const reuseAddress = flag(options, 'reuseAddress', undefined);
  const reusePort = flag(options, 'reusePort', false);
  const ipv6Only = flag(options, 'ipv6Only', undefined);
  return openSocketFor(address, options, (fd, family) => {
    const isInet = family === 'ipv4' || family === 'ipv6';
    if (reuseAddress ?? (reusesInet && isInet)) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, true);
    if (reusePort) setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, true);
    if (ipv6Only !== undefined && family === 'ipv6') setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, ipv6Only);
    bind(fd, address);
  });
}
