import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const IGNORED_FOLDERS = new Set(['node_modules', 'build', '.turbo', '.git']);

/**
 * Lists every file below a folder, sorted, without following links.
 *
 * @param {string} folder
 * @returns {string[]} Absolute paths; empty if the folder does not exist.
 */
export function listFiles(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const full = path.join(folder, entry.name);
      if (entry.isDirectory()) return IGNORED_FOLDERS.has(entry.name) ? [] : listFiles(full);
      return entry.isFile() ? [full] : [];
    });
}

/**
 * The folders of all workspaces that the root package.json names, as far as they exist.
 *
 * @param {string} root
 * @returns {string[]} Absolute paths.
 */
export function listWorkspaces(root) {
  const { workspaces = [] } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  return workspaces
    .flatMap((pattern) => {
      if (!pattern.endsWith('/*')) return [path.join(root, pattern)];
      const parent = path.join(root, pattern.slice(0, -2));
      return existsSync(parent) ? readdirSync(parent).map((name) => path.join(parent, name)) : [];
    })
    .filter((folder) => existsSync(path.join(folder, 'package.json')));
}
