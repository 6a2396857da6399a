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

test.run();
