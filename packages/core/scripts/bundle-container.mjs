#!/usr/bin/env node
/*
 * Makes the entry @polyring/core/container, in dist/container-bundle, from what tsc compiled into dist/container:
 *   index.js     inversify and reflect-metadata inside, the rest of this package imported from beside it
 *   *.d.ts       the declarations, with those of inversify in a folder of their own
 *   LICENSES.txt the licences of what is inside
 * A user installs neither package, and a program that does not use the container loads neither.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const COMPILED = path.join(ROOT, 'dist/container');
const BUNDLE = path.join(ROOT, 'dist/container-bundle');

/** `from 'x'` and `import('x')` in a declaration file. */
const SPECIFIER = /(\bfrom\s+|\bimport\(\s*)(['"])([^'"]+)\2/g;

/** Leaves imports of what lies outside of dist/container as they are; dist/container-bundle is as deep. */
const restOfPackage = {
  name: 'rest-of-package',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.\// }, ({ path: specifier, resolveDir }) =>
      resolveDir === COMPILED ? { path: specifier, external: true } : undefined,
    );
  },
};

rmSync(BUNDLE, { recursive: true, force: true });
mkdirSync(BUNDLE, { recursive: true });
const packages = new Set([...(await bundleCode()), ...bundleDeclarations()]);
writeFileSync(path.join(BUNDLE, 'LICENSES.txt'), [...packages].sort().map(licenceOf).join('\n'));

/** Bundles the code. Returns the folders of the packages that are inside. */
async function bundleCode() {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [path.join(COMPILED, 'index.js')],
    outfile: path.join(BUNDLE, 'index.js'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: true,
    metafile: true,
    logLevel: 'warning',
    plugins: [restOfPackage],
  });
  return Object.keys(metafile.inputs)
    .map((input) => packageOf(path.resolve(ROOT, input)))
    .filter((folder) => folder !== undefined);
}

/** Copies the declarations that the entry leads to. Returns the folders of the packages that they come from. */
function bundleDeclarations() {
  const copied = new Set();
  const folders = new Set();
  const queue = [path.join(COMPILED, 'index.d.ts')];
  for (const file of queue) {
    if (copied.has(file)) continue;
    copied.add(file);
    const target = targetOf(file);
    const text = readFileSync(file, 'utf8')
      .replace(/^import '[^']+';\n/gm, '')
      .replace(/^\/\/# sourceMappingURL=.*$/m, '')
      .replace(SPECIFIER, (match, lead, quote, specifier) => {
        const declaration = resolveDeclaration(specifier, file);
        if (declaration === undefined) return match;
        queue.push(declaration);
        return `${lead}${quote}${relativeImport(target, targetOf(declaration))}${quote}`;
      });
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, text);
    const folder = packageOf(file);
    if (folder !== undefined) folders.add(folder);
  }
  return folders;
}

/** The declaration file of an import, or undefined for one that stays as it is. */
function resolveDeclaration(specifier, from) {
  if (specifier.startsWith('.')) {
    const file = path.resolve(path.dirname(from), specifier.replace(/\.js$/, '.d.ts'));
    return path.dirname(from) === COMPILED && !file.startsWith(COMPILED + path.sep) ? undefined : existing(file);
  }
  const folder = path.join(findPackage(specifier, from), '/');
  const { exports } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  return existing(path.join(folder, exports['.'].replace(/\.js$/, '.d.ts')));
}

function findPackage(name, from) {
  for (let folder = path.dirname(from); ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, 'node_modules', name);
    if (existsSync(path.join(candidate, 'package.json'))) return candidate;
    if (folder === path.dirname(folder)) throw new Error(`${from} imports ${name}, which is not installed`);
  }
}

function existing(file) {
  if (!existsSync(file)) throw new Error(`There is no declaration file ${file}`);
  return file;
}

/** Where a declaration file goes: those of this package beside index.js, those of others into a folder by name. */
function targetOf(file) {
  const folder = packageOf(file);
  if (folder === undefined) return path.join(BUNDLE, path.relative(COMPILED, file));
  return path.join(BUNDLE, 'types', nameOf(folder), path.relative(folder, file));
}

function relativeImport(from, to) {
  const relative = path.relative(path.dirname(from), to).replace(/\.d\.ts$/, '.js');
  return relative.startsWith('.') ? relative : `./${relative}`;
}

/** The folder of the installed package that a file belongs to. Undefined for a file of this package. */
function packageOf(file) {
  return file.match(/^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0];
}

function nameOf(folder) {
  return folder.slice(folder.lastIndexOf('/node_modules/') + '/node_modules/'.length);
}

function licenceOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) throw new Error(`${name} has no licence file`);
  return `${name} ${version}, ${license}\n\n${readFileSync(path.join(folder, file), 'utf8').trim()}\n\n`;
}
