import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ERROR_CODES } from '@polyring/core';
import { rules } from '@polyring/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findDocuments } from './snippets/find-documents.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const DOCUMENTS = findDocuments(ROOT).map((file) => path.relative(ROOT, file));

const documents = suite('documents');

for (const file of ['docs/contract.md', 'docs/writing-a-backend.md']) {
  documents(`the rules that ${file} names are rules of the kit`, () => {
    const ids = new Set(rules.map(({ id }) => id));
    const areas = new Set([...ids].map((id) => id.split('.')[0]));
    const named = [...read(file).matchAll(/`(\w+)\.([a-z-]+)`/g)].filter(([, area]) => areas.has(area));
    assert.ok(named.length > 10);
    for (const [, area, name] of named) assert.ok(ids.has(`${area}.${name}`), `${area}.${name}`);
  });
}

documents('every rule of the kit points to a section of the contract, which names it', () => {
  const text = read('docs/contract.md');
  const anchors = anchorsOf(text);
  for (const { id, section } of rules) {
    assert.ok(anchors.includes(section), `there is no section ${section}, which ${id} names`);
    assert.ok(text.includes(`\`${id}\``), `the contract does not name ${id}`);
  }
});

documents('the contract lists every code of the library, and no document names another', () => {
  const listed = [...read('docs/contract.md').matchAll(/^\| `(ERR_POLYRING_\w+)` \|/gm)].map(([, code]) => code);
  assert.equal(listed, Object.keys(ERROR_CODES));
  for (const file of DOCUMENTS) {
    for (const [code] of read(file).matchAll(/ERR_POLYRING_[A-Z_]*[A-Z]/g)) {
      assert.ok(Object.hasOwn(ERROR_CODES, code), `${file}: ${code}`);
    }
  }
});

documents('the guide to the ring names every feature, and the version of Linux that its TSDoc names', () => {
  const features = read('packages/core/src/contract/io-uring/features.ts');
  const declared = [...features.matchAll(/Linux ([\d.]+)\. \*\/\s+readonly (\w+)/g)].map(([, since, name]) => [
    name,
    since,
  ]);
  const rows = [...read('docs/io-uring.md').matchAll(/^\| (`.*`) \| .* \| ([\d., ]+) \|$/gm)];
  const shown = rows.flatMap(([, names, versions]) => {
    const since = versions.split(', ');
    return names.split(', ').map((name, index) => [name.replaceAll('`', ''), since[index]]);
  });
  assert.equal(shown.sort(), declared.sort());
});

documents('every link between documents leads to a file, and to a heading of it', () => {
  for (const file of DOCUMENTS) {
    for (const [, target] of withoutCode(read(file)).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
      const [place, anchor] = target.split('#');
      const to = place === '' ? file : path.join(path.dirname(file), place);
      assert.ok(existsSync(path.join(ROOT, to)), `${file}: ${target}`);
      if (anchor !== undefined) assert.ok(anchorsOf(read(to)).includes(anchor), `${file}: ${target}`);
    }
  }
});

documents('the anchor of a heading has its words, and a number if it is that of another heading before it', () => {
  const text = '# One `two`, three\n## Starting\n```sh\n# no heading\n```\n## Starting\n### Größe_1-2\n## Starting\n';
  assert.equal(anchorsOf(text), ['one-two-three', 'starting', 'starting-1', 'größe_1-2', 'starting-2']);
});

documents('CONTRIBUTING tells of every script of the repository, and documents name no other', () => {
  const scripts = Object.keys(JSON.parse(read('package.json')).scripts);
  const told = new Set([...read('CONTRIBUTING.md').matchAll(/npm (?:run )?([\w:-]+)/g)].map(([, name]) => name));
  // npm runs it by itself.
  assert.equal(
    scripts.filter((name) => name !== 'prepare' && !told.has(name)),
    [],
  );
  const ofWorkspaces = ['native'];
  for (const file of DOCUMENTS) {
    for (const [, name] of read(file).matchAll(/npm run ([\w:-]+)/g)) {
      assert.ok([...scripts, ...ofWorkspaces].includes(name), `${file}: ${name}`);
    }
  }
});

documents.run();

function read(file) {
  return readFileSync(path.join(ROOT, file), 'utf8');
}

function withoutCode(text) {
  return text.replace(/^```.*?^```$/gms, '');
}

/** The anchors of a document's headings, as GitHub makes them. */
function anchorsOf(text) {
  const counts = new Map();
  return [...withoutCode(text).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => {
    const words = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
      .replaceAll(' ', '-');
    const count = counts.get(words) ?? 0;
    counts.set(words, count + 1);
    return count === 0 ? words : `${words}-${count}`;
  });
}
