import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { rules } from '@polyring/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

const documents = suite('documents');

documents('the rules that the guide to writing a backend names are rules of the kit', () => {
  const ids = new Set(rules.map(({ id }) => id));
  const areas = new Set([...ids].map((id) => id.split('.')[0]));
  const text = readFileSync(path.join(ROOT, 'docs/writing-a-backend.md'), 'utf8');
  const named = [...text.matchAll(/`(\w+)\.([a-z-]+)`/g)].filter(([, area]) => areas.has(area));
  assert.ok(named.length > 10);
  for (const [, area, name] of named) assert.ok(ids.has(`${area}.${name}`), `${area}.${name}`);
});

documents.run();
