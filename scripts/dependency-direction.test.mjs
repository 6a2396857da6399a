import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryDirectory } from '../test-support/dist/index.js';
import { checkDirection } from './dependency-direction.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

const direction = suite('dependency direction');
let copy;

direction.before(() => {
  copy = temporaryDirectory();
  for (const name of ['package.json', 'packages']) {
    cpSync(path.join(ROOT, name), path.join(copy, name), {
      recursive: true,
      filter: (source) => !/\/(build|native|node_modules|\.turbo)$/.test(source),
    });
  }
});

direction('every package imports only what stands below it, and was built to be asked', async () => {
  const { files, violations } = await checkDirection(ROOT);
  assert.equal(violations, []);
  for (const [name, count] of Object.entries(files))
    assert.ok(count > 0, `${name} has no compiled files: npm run build`);
  assert.ok(files['@polyring/core'] > 0);
});

/** Each entry: where a file is planted, its text, and what the check must say of it. */
const VIOLATIONS = [
  ['packages/core/dist/planted.js', `import '@polyring/sys';`, 'must not depend on it'],
  ['packages/core/dist/planted.js', `export * from '@polyring/sys';`, 'must not depend on it'],
  ['packages/core/dist/planted.js', `await import('@polyring/sys');`, 'must not depend on it'],
  ['packages/core/src/planted.ts', `import type { EventFd } from '@polyring/sys';`, 'must not depend on it'],
  ['packages/core/src/planted.test.ts', `import { eventfd } from '@polyring/sys';`, 'must not depend on it'],
  ['packages/core/dist/planted.js', `import '../../sys/dist/index.js';`, 'another package'],
  ['packages/core/dist/planted.js', `import { inject } from 'inversify';`, 'only the container entry'],
  ['packages/core/dist/container-bundle/planted.js', `import 'inversify';`, 'must hold it inside'],
  ['packages/core/src/container/planted.ts', `import 'inversify-more';`, 'not declared'],
  ['packages/core/dist/planted.js', `import './container/index.js';`, 'nothing but the package entry'],
  ['packages/sys/dist/planted.js', `import 'reflect-metadata';`, 'only the container entry'],
  ['packages/sys/dist/planted.js', `import '@polyring/backend-uring';`, 'must not depend on it'],
  ['packages/sys/dist/planted.js', `import '@polyring/core/container';`, 'must not depend on it'],
  ['packages/sys/dist/planted.js', `import 'polyring-conformance';`, 'must not depend on it'],
  ['packages/sys/dist/planted.js', `import { test } from 'uvu';`, 'not declared'],
  ['packages/sys/dist/planted.js', `import '@polyring/test-support';`, 'must not depend on it'],
  ['packages/sys/src/planted.ts', `import type { Ended } from '@polyring/test-support';`, 'must not depend on it'],
  ['packages/sys/dist/planted.test.js', `import '../../../test-support/dist/index.js';`, 'another package'],
  ['conformance/dist/planted.js', `import '@polyring/test-support';`, 'only tests may'],
  ['test-support/dist/planted.js', `import '@polyring/core';`, 'must not depend on it'],
  ['test-support/dist/planted.js', `import { test } from 'uvu';`, 'not declared'],
];

for (const [file, text, complaint] of VIOLATIONS) {
  direction(`convicts ${text} in ${file}`, async () => {
    const { violations } = await checkPlanted({ [file]: text });
    assert.is(violations.length, 1, violations.join('\n'));
    assert.match(violations[0], file);
    assert.match(violations[0], complaint);
  });
}

direction('convicts a package that the table does not know', async () => {
  const { violations } = await checkPlanted({ 'packages/other/package.json': '{ "name": "@polyring/other" }' });
  assert.equal(violations, ['@polyring/other is missing in the table of packages']);
});

direction(
  'allows inversify in the container entry, Node modules, declared packages, test tools and support',
  async () => {
    const { violations } = await checkPlanted({
      'packages/core/package.json': JSON.stringify({
        name: '@polyring/core',
        devDependencies: { '@polyring/test-support': '0.1.0', inversify: '8.2.3' },
      }),
      'packages/core/dist/container/planted.js': `import { Container } from 'inversify';`,
      'packages/core/src/container/module.ts': `import 'inversify';\nimport '../values/poll.js';`,
      'packages/sys/dist/planted.js': `import 'node:fs';\nimport '@polyring/core';\nimport(name);`,
      'packages/sys/dist/planted.test.js': `import { test } from 'uvu';\nimport 'uvu/assert';`,
      'packages/sys/src/planted.test-support.ts': `import '@polyring/test-support';`,
      'conformance/dist/planted.js': `import '@polyring/sys';`,
      'conformance/dist/planted.test.js': `import '@polyring/test-support';`,
      'test-support/dist/planted.js': `import 'node:fs';\nimport './errors.js';`,
      'test-support/dist/planted.test.js': `import 'uvu';`,
    });
    assert.equal(violations, []);
  },
);

direction.run();

/** Checks the copy of the packages with files planted in it, and takes them out again. */
async function checkPlanted(files) {
  const planted = Object.entries({
    ...files,
    'conformance/package.json': '{ "name": "polyring-conformance" }',
    'test-support/package.json': '{ "name": "@polyring/test-support" }',
  });
  const before = planted.map(([file]) => {
    const full = path.join(copy, file);
    return { full, text: existsSync(full) ? readFileSync(full) : undefined };
  });
  try {
    for (const [file, text] of planted) {
      mkdirSync(path.dirname(path.join(copy, file)), { recursive: true });
      writeFileSync(path.join(copy, file), text);
    }
    return await checkDirection(copy);
  } finally {
    for (const { full, text } of before) text === undefined ? rmSync(full) : writeFileSync(full, text);
  }
}
