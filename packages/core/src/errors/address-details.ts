import type { SocketAddressInput } from '../values/socket-address.js';
import type { SystemErrorDetails } from './system-error.js';

/** What the error of a call tells of the address that it was made for: nothing of one of a family without a form here. */
export function addressDetails(address: SocketAddressInput): SystemErrorDetails {
  if ('path' in address) return { path: address.path };
  return 'bytes' in address ? {} : { address: address.address, port: address.port };
}
