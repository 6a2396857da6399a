import { fileURLToPath } from 'node:url';
import { types } from 'node:util';

/**
 * A path of `node:fs` as text or bytes; undefined for what is none. A URL is known by what is used of it, as in `node:fs`,
 * since one of another realm is no instance of this one's class.
 *
 * @throws what `fileURLToPath` throws
 */
export function plainPath(path: unknown): string | Uint8Array | undefined {
  if (typeof path === 'string' || types.isUint8Array(path)) return path;
  return isUrl(path) ? fileURLToPath(path) : undefined;
}

function isUrl(value: unknown): value is URL {
  return typeof value === 'object' && value !== null && 'href' in value && 'protocol' in value;
}
