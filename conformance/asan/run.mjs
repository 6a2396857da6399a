#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readArguments, readCount, readPositive } from '../../scripts/arguments.mjs';
import { exitOnSignals } from '../../scripts/exit-on-signals.mjs';
import { findNode, NODE_VERSIONS, OWN_MAJOR } from '../../scripts/node-versions.mjs';
import { scenarios } from './catalogue.mjs';
import { makeDataFile } from './data-file.mjs';
import { judgeScenario, killScenarios } from './judge.mjs';

const USAGE = `Usage: node conformance/asan/run.mjs [options]

Runs the scenarios under AddressSanitizer, each in a process of its own: environments that end and buffers that are taken
away while the kernel holds operations on them, and the negative controls, which have to be convicted. The addons are
built a second time for it, with gcc. The last line is "N passed, N failed".

  --nodes            on Node.js ${NODE_VERSIONS.join(', ')} instead of on this one only; what is not this one comes from npm
  --filter <text>    only scenarios whose name contains the text
  --concurrency <n>  scenarios at the same time (2)
  --timeout <s>      seconds a scenario may take (60)
  --fuzz <s>         seconds of random entries (20)
  --seed <n>         draws the same random entries again
  --help`;

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const ADDONS = { POLYRING_SYS_ADDON_ROOT: 'packages/sys', POLYRING_URING_ADDON_ROOT: 'packages/backend-uring' };

const options = readArguments(
  USAGE,
  {
    options: {
      nodes: { type: 'boolean', default: false },
      filter: { type: 'string' },
      concurrency: { type: 'string', default: '2' },
      timeout: { type: 'string', default: '60' },
      fuzz: { type: 'string', default: '20' },
      seed: { type: 'string' },
    },
  },
  ({ values }) => ({
    nodes: values.nodes,
    filter: values.filter,
    concurrency: readCount(values, 'concurrency'),
    timeout: readPositive(values, 'timeout'),
    fuzzing: {
      seconds: readPositive(values, 'fuzz'),
      seed: values.seed === undefined ? undefined : readPositive(values, 'seed'),
    },
  }),
);
const totals = { passed: 0, failed: 0 };
const sanitizer = findSanitizer();
for (const folder of Object.values(ADDONS)) buildAddon(path.join(ROOT, folder), 'address');
buildAddon(FOLDER, '');
makeDataFile();

const reports = mkdtempSync(path.join(os.tmpdir(), 'polyring-asan-'));
process.once('exit', () => rmSync(reports, { recursive: true, force: true }));
process.once('exit', killScenarios);
exitOnSignals();

for (const version of options.nodes ? NODE_VERSIONS : [OWN_MAJOR]) await runOn(version);
console.log(`\n${totals.passed} passed, ${totals.failed} failed`);
process.exitCode = totals.failed > 0 || totals.passed === 0 ? 1 : 0;

async function runOn(version) {
  const found = findNode(version);
  if (found === undefined) {
    console.log(`FAIL  Node.js ${version} could not be installed`);
    totals.failed += 1;
    return;
  }
  console.log(`\n== Node.js ${found.name}`);
  const court = {
    node: found.node,
    sanitizer,
    witness: path.join(FOLDER, 'build/Release/witness.node'),
    environment: Object.fromEntries(
      Object.entries(ADDONS).map(([variable, folder]) => [variable, path.join(ROOT, folder, 'build/address')]),
    ),
    reports,
    timeout: options.timeout,
  };
  const queue = scenarios(options.fuzzing)
    .filter(({ name, since }) => since <= Number(version) && name.includes(options.filter ?? ''))
    .entries();
  const work = async () => {
    for (const [serial, scenario] of queue) print(scenario, await judgeScenario(scenario, court, serial));
  };
  await Promise.all(Array.from({ length: options.concurrency }, work));
}

function print({ name }, { complaints, summary, output, milliseconds }) {
  const failed = complaints.length > 0;
  totals[failed ? 'failed' : 'passed'] += 1;
  const notes = [summary, `${Math.round(milliseconds)} ms`, ...complaints].filter((note) => note !== '');
  console.log(`${failed ? 'FAIL ' : 'ok   '} ${name}  ${notes.join('  ')}`);
  if (failed) console.log(output.trimEnd().replace(/^/gm, '    | '));
}

/** The library that gcc's -fsanitize=address needs, which has to be preloaded since node is built without it. */
function findSanitizer() {
  const { stdout } = spawnSync('gcc', ['-print-file-name=libasan.so'], { encoding: 'utf8' });
  const file = stdout?.trim() ?? '';
  if (path.isAbsolute(file)) return file;
  console.error('run: gcc, or its library libasan, is not installed.');
  process.exit(1);
}

function buildAddon(folder, sanitize) {
  const script = path.join(ROOT, 'scripts/native-build.mjs');
  const env = { ...process.env, CC: 'gcc', CXX: 'g++', POLYRING_SANITIZE: sanitize };
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { cwd: folder, env, encoding: 'utf8' });
  if (status === 0) return;
  console.error(`${stdout}${stderr}run: the addon in ${path.relative(ROOT, folder)} could not be built.`);
  process.exit(1);
}
