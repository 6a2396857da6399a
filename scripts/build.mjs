#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { readArguments } from './arguments.mjs';

const USAGE = `Usage: node scripts/build.mjs [--quiet]

Builds all workspaces, addons included, as far as something changed or is missing.
turbo does it where its binary for this platform is installed, otherwise npm, workspace by workspace.

  --quiet  print nothing unless the build fails`;

const { quiet } = readArguments(
  USAGE,
  { options: { quiet: { type: 'boolean', default: false } } },
  ({ values }) => values,
);
const require = createRequire(import.meta.url);

const environment = {
  ...process.env,
  TURBO_TELEMETRY_DISABLED: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
  DO_NOT_TRACK: '1',
  npm_config_update_notifier: 'false',
  // turbo hashes neither of these by itself, and an addon depends on both.
  POLYRING_BUILD_HOST: `${process.platform}-${process.arch}-node${process.versions.node.split('.')[0]}`,
};

if (!isInstalled('typescript/package.json')) {
  console.error('build: the development dependencies are not installed, nothing was built. Run: npm ci --include=dev');
  process.exit(1);
}

for (const [command, ...args] of isTurboUsable() ? turboSteps() : npmSteps()) run(command, args);

function turboSteps() {
  return [
    [process.execPath, require.resolve('turbo/bin/turbo'), 'run', 'build', '--output-logs=new-only', '--ui=stream'],
  ];
}

function npmSteps() {
  return ['native', 'build'].map((script) => ['npm', 'run', script, '--workspaces', '--if-present']);
}

function isTurboUsable() {
  const { status } = isInstalled('turbo/bin/turbo')
    ? spawnSync(process.execPath, [require.resolve('turbo/bin/turbo'), '--version'], { env: environment })
    : { status: 1 };
  return status === 0;
}

function isInstalled(file) {
  try {
    return require.resolve(file) !== '';
  } catch {
    return false;
  }
}

function run(command, args) {
  const result = spawnSync(command, args, {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: environment,
    stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
    maxBuffer: Number.POSITIVE_INFINITY,
  });
  if (result.status === 0) return;
  if (quiet) process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`);
  console.error(`build: failed (${result.error?.message ?? result.signal ?? `exit code ${result.status}`})`);
  process.exit(1);
}
