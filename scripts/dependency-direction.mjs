import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { init, parse } from 'es-module-lexer';
import { listFiles, listWorkspaces } from './workspaces.mjs';

const TEST_SUPPORT = '@polyring/test-support';

/**
 * For each published package, and for the support of tests, the packages of this repository that it may import. Nothing
 * else may appear.
 */
const MAY_IMPORT = {
  '@polyring/core': [],
  '@polyring/sys': ['@polyring/core'],
  '@polyring/backend-uring': ['@polyring/core', '@polyring/sys'],
  '@polyring/backend-epoll': ['@polyring/core', '@polyring/sys'],
  '@polyring/polled': ['@polyring/core', '@polyring/sys'],
  '@polyring/testkit': ['@polyring/core', '@polyring/sys'],
  polyring: [
    '@polyring/core',
    '@polyring/core/container',
    '@polyring/sys',
    '@polyring/backend-uring',
    '@polyring/backend-epoll',
    '@polyring/polled',
  ],
  [TEST_SUPPORT]: [],
};

/** What the tests of a package may import besides the support of tests: a wrapper is tried on real drivers. */
const TESTS_MAY_IMPORT = {
  '@polyring/polled': ['@polyring/backend-uring', '@polyring/backend-epoll'],
};

const CONTAINER_ONLY = ['inversify', 'reflect-metadata'];
const TEST_FILE = /\.test(-support)?\.m?[jt]s$/;
const CODE_FILE = /\.m?[jt]s$/;
const DECLARATION_FILE = /\.d\.m?ts$/;

/**
 * Checks every import of the packages in `packages/`, in the compiled files and, because imports of types leave no
 * trace there, in the sources. Private workspaces may import any package, but no package may import them. One of them
 * is the support of tests: it imports no package, and tests alone import it, in every workspace.
 *
 * @param {string} root The repository.
 * @returns {Promise<{ files: Record<string, number>, violations: string[] }>} `files` counts the compiled files of
 * each workspace, so that a caller notices one that was not built.
 */
export async function checkDirection(root) {
  await init;
  const workspaces = listWorkspaces(root).map((folder) => readWorkspace(root, folder));
  const workspaceNames = new Set(workspaces.map(({ name }) => name));
  const rootTools = Object.keys(readJson(path.join(root, 'package.json')).devDependencies ?? {});
  const files = {};
  const violations = [];
  for (const workspace of workspaces) {
    if (workspace.isPublished && !(workspace.name in MAY_IMPORT))
      violations.push(`${workspace.name} is missing in the table of packages`);
    const compiled = listFiles(path.join(workspace.folder, 'dist')).filter((file) => CODE_FILE.test(file));
    const sources = listFiles(path.join(workspace.folder, 'src')).filter((file) => CODE_FILE.test(file));
    files[workspace.name] = compiled.length;
    for (const file of [...compiled, ...sources].filter((file) => !DECLARATION_FILE.test(file))) {
      const context = { workspace, file, workspaceNames, rootTools };
      for (const specifier of readImports(file)) {
        const complaint = isJudged(workspace) ? judge(specifier, context) : judgeTestSupport(specifier, context);
        if (complaint) violations.push(`${path.relative(root, file)} imports ${specifier}: ${complaint}`);
      }
    }
  }
  return { files, violations };
}

function isJudged({ name, isPublished }) {
  return isPublished || name === TEST_SUPPORT;
}

function judge(specifier, { workspace, file, workspaceNames, rootTools }) {
  const isTest = TEST_FILE.test(file);
  if (isBuiltin(specifier)) return undefined;
  if (specifier.startsWith('.')) return judgeRelative(specifier, workspace, file);

  const packageName = packageOf(specifier);
  if (CONTAINER_ONLY.includes(packageName)) return judgeBundled(packageName, workspace, file);
  if (packageName === workspace.name) return 'a package imports its own files by relative paths';
  if (workspaceNames.has(packageName) || packageName === 'polyring' || packageName.startsWith('@polyring/')) {
    const allowed = [
      ...(MAY_IMPORT[workspace.name] ?? []),
      ...(isTest ? [TEST_SUPPORT, ...(TESTS_MAY_IMPORT[workspace.name] ?? [])] : []),
    ];
    const wanted = specifier === '@polyring/core/container' ? specifier : packageName;
    if (!allowed.includes(wanted)) return `${workspace.name} must not depend on it`;
  }
  const declared = isTest ? [...workspace.dependencies, ...workspace.tools, ...rootTools] : workspace.dependencies;
  return declared.includes(packageName) ? undefined : 'it is not declared in package.json';
}

/** Of what a private workspace imports, the support of tests alone matters. */
function judgeTestSupport(specifier, { file }) {
  if (packageOf(specifier) !== TEST_SUPPORT || TEST_FILE.test(file)) return undefined;
  return 'only tests may';
}

/** What the container entry holds inside is bundled from the development dependencies. */
function judgeBundled(packageName, workspace, file) {
  if (!isContainerFile(workspace, file)) return 'only the container entry of @polyring/core may';
  if (file.startsWith(path.join(workspace.folder, 'dist/container-bundle/'))) return 'the bundle must hold it inside';
  return workspace.tools.includes(packageName) ? undefined : 'it is bundled, and not declared in devDependencies';
}

function judgeRelative(specifier, workspace, file) {
  const target = path.resolve(path.dirname(file), specifier);
  if (path.relative(workspace.folder, target).startsWith('..')) return 'it belongs to another package';
  const entersContainer = isContainerFile(workspace, target) && !isContainerFile(workspace, file);
  return entersContainer ? 'nothing but the package entry leads into the container' : undefined;
}

/** The container entry is `src/container.ts` or a folder `src/container/`, and what is made from it in `dist`. */
function isContainerFile({ name, folder }, file) {
  return name === '@polyring/core' && /^(src|dist)\/container[./-]/.test(path.relative(folder, file));
}

function packageOf(specifier) {
  return specifier.match(/^(?:@[^/]+\/)?[^/]+/)?.[0];
}

function readImports(file) {
  const [imports] = parse(readFileSync(file, 'utf8'), file);
  return imports.map(({ specifier }) => specifier).filter((specifier) => typeof specifier === 'string');
}

function readWorkspace(root, folder) {
  const manifest = readJson(path.join(folder, 'package.json'));
  const names = (...fields) => fields.flatMap((field) => Object.keys(manifest[field] ?? {}));
  return {
    name: manifest.name,
    folder,
    isPublished: path.dirname(folder) === path.join(root, 'packages'),
    dependencies: names('dependencies', 'optionalDependencies', 'peerDependencies'),
    tools: names('devDependencies'),
  };
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
