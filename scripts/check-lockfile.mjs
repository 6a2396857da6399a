#!/usr/bin/env node
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readArguments } from './arguments.mjs';

const USAGE = `Usage: node scripts/check-lockfile.mjs [--fix] [--root <folder>]

Checks that every optional dependency has an entry in package-lock.json. npm leaves out packages for other platforms that
a registry does not offer, and then "npm ci" fails with EUSAGE in a fresh checkout.

  --fix  adds the missing entries`;

const OPERATING_SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'sunos', 'win32'];
const PROCESSORS = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'];
const C_LIBRARIES = ['musl'];
const OTHER_NAMES = { 64: 'x64', windows: 'win32' };

const { fix, file, lock } = readArguments(
  USAGE,
  {
    options: {
      fix: { type: 'boolean', default: false },
      root: { type: 'string', default: fileURLToPath(new URL('..', import.meta.url)) },
    },
  },
  ({ values: { fix, root } }) => {
    const file = path.join(root, 'package-lock.json');
    return { fix, file, lock: JSON.parse(readFileSync(file, 'utf8')) };
  },
);
const missing = findMissing(lock.packages);

if (fix) {
  for (const dependency of missing) lock.packages[`node_modules/${dependency.name}`] = platformEntry(dependency);
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en')));
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`package-lock.json: ${missing.length} entries added`);
} else {
  for (const { name, version, owner } of missing)
    console.error(`${owner || 'the root'} wants ${name}@${version}, which has no entry`);
  if (missing.length > 0) {
    console.error('package-lock.json is incomplete. Run: npm run lockfile:fix');
    process.exit(1);
  }
}

function findMissing(packages) {
  return Object.entries(packages).flatMap(([owner, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => !(`node_modules/${name}` in packages) && !(`${owner}/node_modules/${name}` in packages))
      .map(([name, version]) => ({ owner, name, version })),
  );
}

/** An entry as npm writes it, but for the checksum, which only a registry that offers the package can give. */
function platformEntry({ name, version, owner }) {
  const words = name
    .split(/[/-]/)
    .slice(1)
    .map((word) => OTHER_NAMES[word] ?? word);
  const named = (values) => words.filter((word) => values.includes(word));
  const [os, cpu, libc] = [OPERATING_SYSTEMS, PROCESSORS, C_LIBRARIES].map(named);
  if (os.length !== 1 || cpu.length !== 1 || !/^\d+\.\d+\.\d+$/.test(version)) {
    throw new Error(`Cannot tell the platform of ${name}@${version} from its name: add its entry by hand`);
  }
  const { dev } = lock.packages[owner];
  return { version, cpu, ...(dev && { dev }), ...(libc.length > 0 && { libc }), optional: true, os };
}
