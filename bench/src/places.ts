import { fileURLToPath } from 'node:url';

const place = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The repository. */
export const ROOT = place('../..');
/** What `npm run bench:install` installs. */
export const INSTALLED = place('../installed');
/** The sources of the native rivals, and where they are compiled to. */
export const NATIVE = place('../native');
export const COMPILED = place('../build');
/** The compiled contestants. */
export const CONTESTANTS = place('./contestants');
