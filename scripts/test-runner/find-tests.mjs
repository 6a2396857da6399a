import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { listFiles, listWorkspaces } from '../workspaces.mjs';

const COMPILED_TEST = /\.test\.m?js$/;
const SOURCE_TEST = /\.test\.m?tsx?$/;

/**
 * What a search for tests found.
 *
 * @typedef {object} Found
 * @property {string[]} files Absolute paths of test files to run, sorted.
 * @property {string[]} stale Compiled tests whose source no longer exists; they must not run.
 * @property {string[]} uncompiled Test sources for which there is no compiled file; they cannot run.
 * @property {string[]} unmatched Patterns that name no test.
 */

/**
 * Finds the tests of the whole repository: `dist` of every workspace, and `scripts`.
 *
 * @param {string} root
 * @returns {Found}
 */
export function findAllTests(root) {
  const workspaces = listWorkspaces(root);
  const compiled = workspaces.flatMap((folder) => listFiles(path.join(folder, 'dist')));
  const uncompiled = workspaces.flatMap((folder) =>
    listFiles(path.join(folder, 'src')).filter(
      (file) => SOURCE_TEST.test(file) && !existsSync(compiledOf(file, folder)),
    ),
  );
  return { ...sort([...compiled, ...listFiles(path.join(root, 'scripts'))]), uncompiled, unmatched: [] };
}

/**
 * Finds the tests that files, folders or globs (`*`, `**`, `?`) name.
 *
 * @param {string[]} patterns
 * @param {string} cwd The folder that relative patterns start from.
 * @returns {Found}
 */
export function findNamedTests(patterns, cwd) {
  const files = [];
  const unmatched = [];
  for (const pattern of patterns) {
    const matches = matchPattern(path.resolve(cwd, pattern)).filter((file) => COMPILED_TEST.test(file));
    if (matches.length === 0) unmatched.push(pattern);
    files.push(...matches);
  }
  return { ...sort([...new Set(files)]), uncompiled: [], unmatched };
}

function matchPattern(pattern) {
  if (existsSync(pattern)) {
    return statSync(pattern).isDirectory() ? listFiles(pattern) : [pattern];
  }
  const segments = pattern.split(path.sep);
  const firstGlob = segments.findIndex((segment) => /[*?]/.test(segment));
  if (firstGlob === -1) return [];
  const expression = globToRegExp(pattern);
  return listFiles(segments.slice(0, firstGlob).join(path.sep) || path.sep).filter((file) => expression.test(file));
}

function globToRegExp(glob) {
  const source = glob.replace(/\*\*\/?|[*?]|[.+^${}()|[\]\\]/g, (token) => {
    if (token === '**/') return '(?:.*/)?';
    if (token === '**') return '.*';
    if (token === '*') return '[^/]*';
    return token === '?' ? '[^/]' : `\\${token}`;
  });
  return new RegExp(`^${source}$`);
}

function sort(files) {
  const tests = files.filter((file) => COMPILED_TEST.test(file));
  return {
    files: tests.filter((file) => !isStale(file)).sort(),
    stale: tests.filter(isStale).sort(),
  };
}

/** A compiled test is stale when the source that it was compiled from has been deleted. */
function isStale(file) {
  const source = sourceOf(file);
  return source !== undefined && !existsSync(source) && !existsSync(`${source}x`);
}

/** Only a `dist` that stands beside a package.json holds compiled files; any other part of a path may be called so. */
function sourceOf(file) {
  const at = file.lastIndexOf(`${path.sep}dist${path.sep}`);
  const folder = file.slice(0, at);
  if (at === -1 || !existsSync(path.join(folder, 'package.json'))) return undefined;
  return path.join(folder, 'src', file.slice(at + '/dist/'.length)).replace(/js$/, 'ts');
}

function compiledOf(source, folder) {
  return path.join(folder, 'dist', path.relative(path.join(folder, 'src'), source)).replace(/tsx?$/, 'js');
}
