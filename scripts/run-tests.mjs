#!/usr/bin/env node
import { existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readArguments, readCount, readPositive } from './arguments.mjs';
import { exitOnSignals } from './exit-on-signals.mjs';
import { findAllTests, findNamedTests } from './test-runner/find-tests.mjs';
import { killRunningTests, runTestFile } from './test-runner/run-file.mjs';

const USAGE = `Usage: node scripts/run-tests.mjs [options] [file, folder or glob ...]

Runs compiled uvu tests, each file in a process of its own; without arguments those of all workspaces and of scripts.
The last line is "N passed, N failed", with ", N skipped" if there are any. Exit code 0 only if nothing failed.

  --timeout <s>      seconds a file may take (120); a file raises it by a comment line: // timeout: 300
  --concurrency <n>  files at the same time (1)
  --filter <text>    only files whose path contains the text
  --node <binary>    the Node.js binary to run the tests with (this one)
  --root <folder>    the repository (the one this script belongs to)
  --help`;

const options = readArguments(
  USAGE,
  {
    allowPositionals: true,
    options: {
      timeout: { type: 'string', default: '120' },
      concurrency: { type: 'string', default: '1' },
      filter: { type: 'string' },
      node: { type: 'string', default: process.execPath },
      root: { type: 'string', default: fileURLToPath(new URL('..', import.meta.url)) },
    },
  },
  ({ values, positionals }) => {
    const root = path.resolve(values.root);
    if (!existsSync(path.join(root, 'package.json'))) {
      throw new Error(`--root takes a repository, not '${values.root}'`);
    }
    return {
      timeout: readPositive(values, 'timeout'),
      concurrency: Math.min(readCount(values, 'concurrency'), os.availableParallelism() * 8),
      filter: values.filter,
      node: values.node,
      root,
      patterns: positionals,
    };
  },
);
const totals = { files: 0, failedFiles: 0, passed: 0, failed: 0, skipped: 0 };

exitOnSignals();
process.once('exit', killRunningTests);

const found =
  options.patterns.length > 0 ? findNamedTests(options.patterns, process.cwd()) : findAllTests(options.root);
const wanted = (file) => options.filter === undefined || shown(file).includes(options.filter);
const files = found.files.filter(wanted);

for (const file of found.stale.filter(wanted)) console.log(`stale ${shown(file)}  not run, its source is gone`);
for (const file of found.uncompiled.filter(wanted)) reportUnrun(shown(file), 'is not compiled: npm run build');
for (const pattern of found.unmatched) reportUnrun(pattern, 'matches no test file');
if (files.length === 0 && totals.failed === 0) reportUnrun(options.filter ?? options.root, 'no test file matched');

const queue = files.values();
await Promise.all(Array.from({ length: options.concurrency }, () => work()));
for (const file of queue) reportUnrun(shown(file), 'was not run');

console.log(`\n${totals.files - totals.failedFiles} of ${totals.files} files passed`);
console.log(
  `${totals.passed} passed, ${totals.failed} failed${totals.skipped > 0 ? `, ${totals.skipped} skipped` : ''}`,
);
process.exitCode = totals.failed > 0 ? 1 : 0;

async function work() {
  for (const file of queue) report(shown(file), await runTestFile(file, { ...options, cwd: options.root }));
}

function report(name, { passed, total, skipped, milliseconds, complaints, output }) {
  const failed = complaints.length > 0;
  const notes = [
    `${passed}/${total}`,
    ...(skipped > 0 ? [`${skipped} SKIPPED`] : []),
    `${Math.round(milliseconds)} ms`,
  ];
  console.log(
    `${failed ? 'FAIL ' : 'ok   '} ${name}  ${notes.join('  ')}${failed ? `  ${complaints.join('; ')}` : ''}`,
  );
  if (failed) console.log(`${output.trimEnd().replace(/^/gm, '    | ')}\n`);
  else if (skipped > 0) for (const [reason] of output.matchAll(/^skipped: .*$/gm)) console.log(`      ${reason}`);
  totals.files += 1;
  totals.failedFiles += failed ? 1 : 0;
  totals.passed += passed;
  totals.skipped += skipped;
  totals.failed += failed ? Math.max(1, total - passed) : 0;
}

function reportUnrun(name, complaint) {
  console.log(`FAIL  ${name}  ${complaint}`);
  totals.files += 1;
  totals.failedFiles += 1;
  totals.failed += 1;
}

function shown(file) {
  const relative = path.relative(options.root, file);
  return relative.startsWith('..') ? file : relative;
}
