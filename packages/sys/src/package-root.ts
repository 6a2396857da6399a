import { fileURLToPath } from 'node:url';

/**
 * The package's folder, where the addon is. It stands beside the entry, into which it is bundled when the package is packed.
 * Somebody's own bundle that is CommonJS has no such URL: then it is the root of the file system, where no addon is.
 */
export const PACKAGE_ROOT = fileURLToPath(new URL('..', import.meta.url ?? 'file:///'));
