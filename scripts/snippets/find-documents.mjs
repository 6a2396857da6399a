import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { listWorkspaces } from '../workspaces.mjs';

/**
 * The documents of the repository: at its root, in docs, and beside each workspace's package.json.
 *
 * @param {string} root
 * @returns {string[]} Absolute paths, sorted.
 */
export function findDocuments(root) {
  return [root, path.join(root, 'docs'), ...listWorkspaces(root)]
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => name.endsWith('.md'))
        .map((name) => path.join(folder, name)),
    )
    .sort();
}

/**
 * The sources of the repository's packages, tests apart.
 *
 * @param {string} root
 * @returns {string[]} Absolute paths, sorted.
 */
export function findSources(root) {
  return listWorkspaces(root)
    .map((workspace) => path.join(workspace, 'src'))
    .filter((folder) => folder.startsWith(path.join(root, 'packages/')) && existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts') && !/\.test(-support)?\.ts$/.test(name))
        .map((name) => path.join(folder, name)),
    )
    .sort();
}
