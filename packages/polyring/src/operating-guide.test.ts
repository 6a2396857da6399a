import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CONFIG_PLACES } from './config/config-file.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const GUIDE = readFileSync(join(ROOT, 'docs/operating.md'), 'utf8');

/** The reason codes in the sources of the packages. */
function codesInSources(): readonly string[] {
  const packages = ['core', 'backend-uring', 'backend-epoll', 'polyring'];
  const files = packages.flatMap((name) => {
    const folder = join(ROOT, 'packages', name, 'src');
    const entries = readdirSync(folder, { recursive: true }) as string[];
    return entries.filter((file) => /(?<!\.test|\.test-support)\.ts$/.test(file)).map((file) => join(folder, file));
  });
  const found = files.flatMap((file) => [
    ...readFileSync(file, 'utf8').matchAll(/\b(?:code|reasonCode): '([a-z]+(?:-[a-z]+)+)'/g),
  ]);
  return [...new Set(found.map(([, code]) => code as string))].sort();
}

test('the table of reasons has every code that the sources have, and no other', () => {
  const inGuide = [...GUIDE.matchAll(/^\| `([a-z]+(?:-[a-z]+)+)` \|/gm)].map(([, code]) => code as string).sort();
  assert.ok(inGuide.length > 0);
  assert.equal(inGuide, codesInSources());
});

test('the guide names every place of configuration', () => {
  for (const place of CONFIG_PLACES) assert.ok(GUIDE.includes(`\`${place}\``), place);
});

test('the guide has a row for every option, in the order of their type', () => {
  const source = readFileSync(join(ROOT, 'packages/core/src/selection/factory.ts'), 'utf8');
  const [, body = ''] = /interface DriverOptions \{(.*?)^\}/ms.exec(source) ?? [];
  const options = [...body.matchAll(/^ {2}readonly (\w+)/gm)].map(([, name]) => name);
  assert.ok(options.length > 0);
  assert.equal(
    [...GUIDE.matchAll(/^\| `options\.(\w+)` \|/gm)].map(([, name]) => name),
    options,
  );
});

test.run();
