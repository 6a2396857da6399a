import { fileURLToPath } from 'node:url';

/** The package's folder, where the addon is. It stands beside the entry, into which it is bundled when the package is packed. */
export const PACKAGE_ROOT = fileURLToPath(new URL('..', import.meta.url));
