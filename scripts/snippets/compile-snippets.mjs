import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const BASE = fileURLToPath(new URL('../../tsconfig.base.json', import.meta.url));

/** What is otherwise for snippets: they may show what they do not use. */
const COMPILER_OPTIONS = {
  moduleDetection: 'force',
  noUnusedLocals: false,
  noUnusedParameters: false,
  rootDir: '.',
  outDir: 'out',
};

/**
 * Type-checks snippets, each as a module of its own, in a temporary project that sees the repository's packages.
 *
 * @param {import('./extract-fences.mjs').Fence[]} fences
 * @param {string} root
 * @returns {{ modules: { fence: import('./extract-fences.mjs').Fence, compiled: string }[], complaints: string[],
 * remove: () => void }} `compiled` is the JavaScript of a snippet; `remove` deletes the project.
 */
export function compileSnippets(fences, root) {
  const cache = path.join(root, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const project = mkdtempSync(path.join(cache, 'polyring-snippets-'));
  const remove = () => {
    process.off('exit', remove);
    rmSync(project, { recursive: true, force: true });
  };
  process.once('exit', remove);
  if (fences.length === 0) return { modules: [], complaints: [], remove };
  try {
    const names = fences.map(({ document, line }) => `${document.replace(/\W+/g, '-')}-${line}`);
    for (const [index, { line, text }] of fences.entries()) {
      // Lines of the module are lines of the document.
      writeFileSync(path.join(project, `${names[index]}.ts`), `${'\n'.repeat(line)}${text}\n`);
    }
    writeFileSync(path.join(project, 'package.json'), JSON.stringify({ type: 'module' }));
    const files = names.map((name) => `${name}.ts`);
    const config = { extends: BASE, compilerOptions: COMPILER_OPTIONS, files };
    writeFileSync(path.join(project, 'tsconfig.json'), JSON.stringify(config));
    const documents = new Map(names.map((name, index) => [`${name}.ts`, fences[index].document]));
    return {
      modules: fences.map((fence, index) => ({ fence, compiled: path.join(project, 'out', `${names[index]}.js`) })),
      complaints: compile(project, documents),
      remove,
    };
  } catch (error) {
    remove();
    throw error;
  }
}

function compile(project, documents) {
  const compiler = path.join(createRequire(import.meta.url).resolve('typescript/package.json'), '../bin/tsc');
  const { status, stdout, stderr, error } = spawnSync(
    process.execPath,
    [compiler, '-p', project, '--pretty', 'false'],
    { cwd: project, encoding: 'utf8' },
  );
  if (error !== undefined) throw error;
  if (status === 0) return [];
  const complaints = `${stdout}${stderr}`
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) =>
      line.replace(/^(\S+\.ts)\((\d+),(\d+)\)/, (_, file, row, column) => {
        return `${documents.get(path.basename(file)) ?? file}:${row}:${column}`;
      }),
    );
  return complaints.length > 0 ? complaints : [`tsc ended with exit code ${status} and said nothing`];
}
