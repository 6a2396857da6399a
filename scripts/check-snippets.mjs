#!/usr/bin/env node
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readArguments } from './arguments.mjs';
import { exitOnSignals } from './exit-on-signals.mjs';
import { compareFiles } from './snippets/compare-files.mjs';
import { compareParts } from './snippets/compare-parts.mjs';
import { compileSnippets } from './snippets/compile-snippets.mjs';
import { extractExamples } from './snippets/extract-examples.mjs';
import { extractFences } from './snippets/extract-fences.mjs';
import { findDocuments, findSources } from './snippets/find-documents.mjs';
import { runSnippets } from './snippets/run-snippets.mjs';

const USAGE = `Usage: node scripts/check-snippets.mjs [--root <folder>] [document.md | source.ts ...]

Checks the TypeScript and JSON in documents, and the examples in the TSDoc of sources; without arguments in all of the
repository's. What follows the language of a code fence says how:

  \`\`\`ts                a module of its own: type-checked against the built packages
  \`\`\`ts run            type-checked, then run: it must exit with 0, and print no errors
  \`\`\`ts file=a/b.ts    that file: all such fences in the document, in order, with an empty line between them, are the
                       file. Any language, JSON among them
  \`\`\`ts part=a/b.ts    lines of that file, one after the other. Any language, JSON among them
  \`\`\`json              parsed

In the TSDoc of a source only \`\`\`ts run counts; other fences there are fragments.

Build first: npm run build`;

/**
 * What became of the snippets of some documents.
 *
 * @typedef {object} Outcome
 * @property {number} compiled Snippets that were type-checked.
 * @property {number} ran Snippets that were run.
 * @property {number} shown Files that are shown, in full or in part.
 * @property {string[]} complaints Each names the document and the line.
 */

/**
 * Checks documents.
 *
 * @param {string[]} documents Absolute paths of Markdown documents and of TypeScript sources.
 * @param {string} root The repository: its node_modules and the files that documents show.
 * @returns {Promise<Outcome>}
 */
export async function checkSnippets(documents, root) {
  const fences = [];
  const complaints = [];
  for (const document of documents) {
    const extract = document.endsWith('.ts') ? extractExamples : extractFences;
    const found = extract(readFileSync(document, 'utf8'), path.relative(root, document));
    fences.push(...found.fences);
    complaints.push(...found.complaints);
  }
  const whole = fences.filter(({ file }) => file !== undefined);
  const parts = fences.filter(({ part }) => part !== undefined);
  const alone = fences.filter(({ file, part }) => file === undefined && part === undefined);
  complaints.push(
    ...compareFiles(whole, root),
    ...compareParts(parts, root),
    ...alone.filter(isJson).flatMap(judgeJson),
  );
  const modules = alone.filter(({ language }) => language === 'ts');
  const compiled = compileSnippets(modules, root);
  try {
    complaints.push(...compiled.complaints);
    const runnable = compiled.complaints.length === 0 ? compiled.modules.filter(({ fence }) => fence.run) : [];
    complaints.push(...(await runSnippets(runnable)));
    return {
      compiled: modules.length,
      ran: runnable.length,
      shown: new Set([...whole.map(({ file }) => file), ...parts.map(({ part }) => part)]).size,
      complaints,
    };
  } finally {
    compiled.remove();
  }
}

function isJson({ language }) {
  return language === 'json';
}

function judgeJson({ place, text }) {
  try {
    JSON.parse(text);
    return [];
  } catch (error) {
    return [`${place}: ${error.message}`];
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { root, documents } = readArguments(
    USAGE,
    {
      allowPositionals: true,
      options: { root: { type: 'string', default: fileURLToPath(new URL('..', import.meta.url)) } },
    },
    ({ values, positionals }) => {
      const root = path.resolve(values.root);
      const named = positionals.map((name) => path.resolve(name));
      for (const document of named) if (!statSync(document).isFile()) throw new Error(`${document} is no file`);
      return { root, documents: named.length > 0 ? named : [...findDocuments(root), ...findSources(root)] };
    },
  );
  exitOnSignals();
  const { compiled, ran, shown, complaints } = await checkSnippets(documents, root);
  for (const complaint of complaints) console.error(complaint);
  console.log(
    `${documents.length} documents and sources: ${compiled} snippets compiled, ${ran} run, ${shown} files shown, ` +
      `${complaints.length} complaints`,
  );
  process.exitCode = complaints.length > 0 ? 1 : 0;
}
