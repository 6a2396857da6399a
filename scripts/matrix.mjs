#!/usr/bin/env node
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readArguments } from './arguments.mjs';
import { endWithParent } from './end-with-parent.mjs';
import { exitOnSignals } from './exit-on-signals.mjs';
import { findNode, NODE_VERSIONS } from './node-versions.mjs';

const USAGE = `Usage: node scripts/matrix.mjs [--versions 20,22,24,26] [argument of run-tests ...]

Runs the tests, as they are compiled and with the addons as they are built, on several versions of Node.js.
The version that runs this script is taken as it is if it is one of them; the others come from npm (node-<platform>-<processor>).
The last line is "N passed, N failed", summed over all versions.

  --versions <list>  major versions, separated by commas (${NODE_VERSIONS.join(',')})
  --help`;

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const { versions, runnerArgs } = readArguments(
  USAGE,
  {
    allowPositionals: true,
    options: { versions: { type: 'string', default: NODE_VERSIONS.join(',') }, filter: { type: 'string' } },
  },
  ({ values, positionals }) => {
    const versions = values.versions.split(',').map((version) => version.trim());
    if (!versions.every((version) => /^\d+$/.test(version))) {
      throw new Error(`--versions takes major versions such as 20,26, not '${values.versions}'`);
    }
    return { versions, runnerArgs: [...(values.filter ? ['--filter', values.filter] : []), ...positionals] };
  },
);
const results = [];
exitOnSignals();
for (const version of versions) results.push({ version, ...(await runOn(version)) });

console.log('');
for (const { name, passed, failed, skipped } of results) console.log(`${name}  ${describe(passed, failed, skipped)}`);
const sum = (field) => results.reduce((total, result) => total + result[field], 0);
console.log(`\n${describe(sum('passed'), sum('failed'), sum('skipped'))}`);
process.exitCode = sum('failed') > 0 ? 1 : 0;

async function runOn(version) {
  const found = findNode(version);
  if (found === undefined) {
    console.log(`FAIL  Node.js ${version} could not be installed`);
    return { name: `v${version}`, passed: 0, failed: 1, skipped: 0 };
  }
  const { node, name } = found;
  console.log(`\n== Node.js ${name}`);
  const { code, output } = await runTests(node);
  const lastLine = output.trimEnd().split('\n').at(-1);
  const [, passed, failed, skipped = 0] = lastLine.match(/^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/) ?? [];
  const isSound = passed !== undefined && (code === 0) === (failed === '0');
  return isSound
    ? { name, passed: Number(passed), failed: Number(failed), skipped: Number(skipped) }
    : { name, passed: 0, failed: 1, skipped: 0 };
}

async function runTests(node) {
  const runner = path.join(ROOT, 'scripts/run-tests.mjs');
  const child = spawn(node, [runner, '--node', node, ...runnerArgs], {
    env: { ...process.env, PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH}` },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // It has tests of its own to end.
  endWithParent(child, () => child.kill());
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    output += chunk;
    process.stdout.write(chunk);
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  return { code, output };
}

function describe(passed, failed, skipped) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
