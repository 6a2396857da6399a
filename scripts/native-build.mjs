// Builds the addon of the package in the current directory with node-gyp, incrementally.
// POLYRING_SANITIZE=address builds a second, instrumented addon under build/address/ and leaves the ordinary one alone.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

const packageRoot = process.cwd();
const nodeGyp = createRequire(join(packageRoot, 'package.json')).resolve('node-gyp/bin/node-gyp.js');
const sanitizer = process.env.POLYRING_SANITIZE ?? '';

if (!['', 'address'].includes(sanitizer)) {
  console.error(`POLYRING_SANITIZE is "${sanitizer}". It may be "address", or unset.`);
  process.exit(2);
}

const root = sanitizer === '' ? packageRoot : mirror(join(packageRoot, 'build', sanitizer));
const headers = resolve(dirname(process.execPath), '..');
const common = [
  `--directory=${root}`,
  '--loglevel=warn',
  ...(existsSync(join(headers, 'include/node/node.h')) ? [`--nodedir=${headers}`] : []),
];

run(['configure', ...common, '--', `-Dpolyring_sanitize=${sanitizer}`]);
run(['build', ...common]);

/** A folder that shows gyp the same sources, so that its output stands apart from the ordinary build's. */
function mirror(folder) {
  mkdirSync(folder, { recursive: true });
  for (const entry of ['binding.gyp', 'native', 'package.json']) {
    const link = join(folder, entry);
    rmSync(link, { force: true });
    symlinkSync(join(packageRoot, entry), link);
  }
  return folder;
}

function run(args) {
  const { status, signal, error } = spawnSync(process.execPath, [nodeGyp, ...args], { stdio: 'inherit' });
  if (error !== undefined) throw error;
  if (status !== 0) {
    console.error(
      `node-gyp ${args[0]} failed (${signal ?? `exit ${status}`}). It needs a C++17 compiler, make and python 3.`,
    );
    process.exit(1);
  }
}
