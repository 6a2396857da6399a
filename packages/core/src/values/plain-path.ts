import { fileURLToPath } from 'node:url';
import { types } from 'node:util';
import { checkNoNullByte, invalidArgType } from '../errors/argument-error.js';

/**
 * A path of `node:fs` as text or bytes. A URL is known by what is used of it, as in `node:fs`,
 * since one of another realm is no instance of this one's class.
 *
 * @throws ERR_INVALID_ARG_TYPE; ERR_INVALID_ARG_VALUE for one with a null byte; what `fileURLToPath` throws
 */
export function plainPath(path: unknown, name = 'path'): string | Uint8Array {
  const plain = isUrl(path) ? fileURLToPath(path) : path;
  if (typeof plain !== 'string' && !types.isUint8Array(plain)) {
    throw invalidArgType(name, 'of type string or an instance of Uint8Array or URL', path);
  }
  checkNoNullByte(plain, name);
  return plain;
}

function isUrl(value: unknown): value is URL {
  return typeof value === 'object' && value !== null && 'href' in value && 'protocol' in value;
}
