import { readFileSync } from 'node:fs';
import { types } from 'node:util';
import { checkInteger, checkNoNullByte, invalidArgType, invalidWord, outOfRange } from '../errors/argument-error.js';
import { formatAddress, parseAddress } from './ip-address.js';

/** An address of IP, in the form of `net.AddressInfo`. */
export interface InetAddress {
  readonly family: 'IPv4' | 'IPv6';
  readonly address: string;
  readonly port: number;
  /** The flow label of IPv6; absent for 0. */
  readonly flowlabel?: number;
  /** The number of the interface that a link-local address of IPv6 belongs to; absent for 0. */
  readonly scopeid?: number;
}

/** An address of a unix socket: a path, an abstract name after a null byte, or '' for a socket without a name. */
export interface UnixAddress {
  readonly path: string;
}

/** An address of another family, such as AF_NETLINK, AF_CAN or AF_VSOCK: the bytes of its `struct sockaddr`. */
export interface RawAddress {
  readonly bytes: Uint8Array;
}

/** The address of a socket, as the kernel gave it. */
export type SocketAddress = InetAddress | UnixAddress | RawAddress;

/**
 * The address of a socket, to give to the kernel. `address` is a literal, never a name to look up; one of IPv6 may end
 * in a zone, such as `%eth0` or `%2`. The family may be left out, and must fit if it is there.
 */
export type SocketAddressInput = UnixAddress | RawAddress | InetAddressInput;

/** An {@link InetAddress} to give to the kernel; `net.AddressInfo` is one. */
export interface InetAddressInput {
  readonly family?: string | undefined;
  readonly address: string;
  readonly port: number;
  readonly flowlabel?: number | undefined;
  readonly scopeid?: number | undefined;
}

/** The address families, as in `<sys/socket.h>`. */
export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;

/** The bytes of the largest address, `struct sockaddr_storage`. */
export const SOCKADDR_SIZE = 128;

/** Where `sun_path` starts in `struct sockaddr_un`, and its size. */
const PATH_OFFSET = 2;
const PATH_SIZE = 108;
/** Where the fields of `struct sockaddr_in` and `struct sockaddr_in6` stand, and their sizes. */
const PORT = 2;
const INET_ADDRESS = 4;
const INET_SIZE = 16;
const INET6_FLOWINFO = 4;
const INET6_ADDRESS = 8;
const INET6_SCOPE = 24;
const INET6_SIZE = 28;
const FLOW_LABEL = 0xfffff;

/**
 * The bytes of an address as a `struct sockaddr`.
 *
 * @throws ERR_INVALID_ARG_TYPE; ERR_INVALID_ARG_VALUE for a path with a null byte, or the other family; ERR_OUT_OF_RANGE for
 * what is no literal address, a port, or a path of more than 107 bytes
 */
export function encodeSocketAddress(address: SocketAddressInput): Uint8Array {
  if (typeof address !== 'object' || address === null) throw invalidArgType('address', 'of type object', address);
  if ('path' in address) return encodeUnix(address.path);
  if ('bytes' in address) return checkRaw(address.bytes);
  return encodeInet(address);
}

function checkRaw(bytes: unknown): Uint8Array {
  if (!types.isUint8Array(bytes)) throw invalidArgType('address.bytes', 'an instance of Uint8Array', bytes);
  checkInteger(bytes.length, 'address.bytes.length', PATH_OFFSET, SOCKADDR_SIZE);
  return bytes;
}

function encodeUnix(path: unknown): Uint8Array {
  if (typeof path !== 'string') throw invalidArgType('address.path', 'of type string', path);
  const abstract = path.startsWith('\0');
  if (!abstract) checkNoNullByte(path, 'address.path');
  const name = Buffer.from(path);
  const limit = abstract ? PATH_SIZE : PATH_SIZE - 1;
  if (name.length > limit) throw outOfRange('address.path', `at most ${limit} bytes`, path);
  // A path ends in a null byte, an abstract name with the address.
  const bytes = new Uint8Array(PATH_OFFSET + name.length + (abstract || name.length === 0 ? 0 : 1));
  fieldsOf(bytes).setUint16(0, AF_UNIX, true);
  bytes.set(name, PATH_OFFSET);
  return bytes;
}

function encodeInet(input: InetAddressInput): Uint8Array {
  const { family, address, port, flowlabel = 0 } = input;
  if (typeof address !== 'string') throw invalidArgType('address.address', 'of type string', address);
  checkInteger(port, 'address.port', 0, 0xffff);
  const [literal, zone] = address.split('%', 2) as [string, string | undefined];
  const number = parseAddress(literal);
  const version = number?.length === 4 ? 4 : 6;
  if (number === undefined || (version === 4 && zone !== undefined) || zone === '') {
    throw outOfRange('address.address', 'a literal address of IPv4 or IPv6', address);
  }
  if (family !== undefined && family !== `IPv${version}`) {
    throw invalidWord('address.family', [`IPv${version}`], family);
  }
  if (version === 4) {
    const bytes = new Uint8Array(INET_SIZE);
    fieldsOf(bytes).setUint16(0, AF_INET, true);
    fieldsOf(bytes).setUint16(PORT, port);
    bytes.set(number, INET_ADDRESS);
    return bytes;
  }
  checkInteger(flowlabel, 'address.flowlabel', 0, FLOW_LABEL);
  const bytes = new Uint8Array(INET6_SIZE);
  const fields = fieldsOf(bytes);
  fields.setUint16(0, AF_INET6, true);
  fields.setUint16(PORT, port);
  fields.setUint32(INET6_FLOWINFO, flowlabel);
  bytes.set(number, INET6_ADDRESS);
  fields.setUint32(INET6_SCOPE, scopeOf(input.scopeid, zone), true);
  return bytes;
}

function scopeOf(scopeid: number | undefined, zone: string | undefined): number {
  if (scopeid !== undefined) checkInteger(scopeid, 'address.scopeid', 0, 0xffff_ffff);
  if (zone === undefined) return scopeid ?? 0;
  const number = /^\d+$/.test(zone) ? Number(zone) : interfaceIndex(zone);
  if (number === 0 || number > 0xffff_ffff)
    throw outOfRange('address.address', 'of an interface that is there', `%${zone}`);
  if (scopeid !== undefined && scopeid !== number) {
    throw outOfRange('address.scopeid', `${number}, as the address says`, scopeid);
  }
  return number;
}

/** The number of a network interface; 0 if there is none of that name. */
function interfaceIndex(name: string): number {
  if (!/^[^/]+$/.test(name) || name === '.' || name === '..') return 0;
  try {
    return Number(readFileSync(`/sys/class/net/${name}/ifindex`, 'latin1'));
  } catch {
    return 0;
  }
}

/**
 * Reads the bytes of a `struct sockaddr`. Bytes of a path that are not UTF-8 come out as U+FFFD;
 * an address of another family than IP and unix stays as it is.
 *
 * @throws ERR_INVALID_ARG_TYPE
 */
export function decodeSocketAddress(bytes: Uint8Array): SocketAddress {
  if (!types.isUint8Array(bytes)) throw invalidArgType('bytes', 'an instance of Uint8Array', bytes);
  // The kernel gives no more than the family, or nothing, for a unix socket without a name.
  if (bytes.length < PATH_OFFSET) return { path: '' };
  const fields = fieldsOf(bytes);
  const family = fields.getUint16(0, true);
  if (family === AF_UNIX) return { path: decodePath(bytes.subarray(PATH_OFFSET)) };
  if (family === AF_INET && bytes.length >= INET_SIZE) {
    return {
      family: 'IPv4',
      address: formatAddress(bytes.subarray(INET_ADDRESS, INET_ADDRESS + 4)),
      port: fields.getUint16(PORT),
    };
  }
  if (family === AF_INET6 && bytes.length >= INET6_SIZE) {
    const flowlabel = fields.getUint32(INET6_FLOWINFO) & FLOW_LABEL;
    const scopeid = fields.getUint32(INET6_SCOPE, true);
    return {
      family: 'IPv6',
      address: formatAddress(bytes.subarray(INET6_ADDRESS, INET6_ADDRESS + 16)),
      port: fields.getUint16(PORT),
      ...(flowlabel === 0 ? {} : { flowlabel }),
      ...(scopeid === 0 ? {} : { scopeid }),
    };
  }
  return { bytes };
}

function decodePath(name: Uint8Array): string {
  const text = Buffer.from(name.buffer, name.byteOffset, name.byteLength);
  if (text[0] === 0) return text.toString();
  const end = text.indexOf(0);
  return text.toString('utf8', 0, end < 0 ? text.length : end);
}

function fieldsOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
