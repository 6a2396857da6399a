import { HttpError } from '../http/http-error.js';

/**
 * The names that lead from the root to what a target asks for.
 *
 * @throws HttpError 400 for what cannot be decoded, 403 for a way out of the root
 */
export function requestPath(target: string): { readonly names: readonly string[]; readonly slash: boolean } {
  if (!target.startsWith('/')) throw new HttpError(400);
  const [path = ''] = target.split(/[?#]/, 1);
  const parts = path.split('/').map(decoded);
  const names = parts.filter((part) => part !== '' && part !== '.');
  // A name cannot hold a slash: one that was encoded was meant to get through here.
  if (names.some((name) => name === '..' || name.includes('/'))) throw new HttpError(403);
  const last = parts.at(-1);
  return { names, slash: last === '' || last === '.' };
}

function decoded(part: string): string {
  let name: string;
  try {
    name = decodeURIComponent(part);
  } catch {
    throw new HttpError(400);
  }
  if (name.includes('\0')) throw new HttpError(400);
  return name;
}
