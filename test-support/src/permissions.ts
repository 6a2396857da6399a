import { fileURLToPath } from 'node:url';

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));

/** The options of Node.js by which it may read this repository, some other paths and nothing else. */
export function onlyReading(...paths: readonly string[]): readonly string[] {
  const permission = process.allowedNodeEnvironmentFlags.has('--permission')
    ? '--permission'
    : '--experimental-permission';
  return [permission, ...[REPOSITORY, ...paths].map((path) => `--allow-fs-read=${path}`)];
}
