// timeout: 300
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryDirectory } from '../test-support/dist/index.js';
import { checkSnippets } from './check-snippets.mjs';
import { extractExamples } from './snippets/extract-examples.mjs';
import { extractFences } from './snippets/extract-fences.mjs';
import { findDocuments, findSources } from './snippets/find-documents.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

const snippets = suite('check-snippets');

snippets(
  'every snippet in the documents of the repository compiles, runs where it says so, and shows what is',
  async () => {
    const documents = findDocuments(ROOT);
    assert.ok(documents.includes(path.join(ROOT, 'README.md')));
    const { compiled, ran, shown, complaints } = await checkSnippets(documents, ROOT);
    assert.equal(complaints, []);
    assert.ok(compiled > 0 && ran > 0 && shown > 0);
  },
);

snippets('every example in the TSDoc of the packages that is marked so runs', async () => {
  const sources = findSources(ROOT);
  assert.ok(sources.includes(path.join(ROOT, 'packages/polled/src/signal/polled-signal.ts')));
  assert.not(sources.some((source) => source.includes('.test')));
  const { compiled, ran, complaints } = await checkSnippets(sources, ROOT);
  assert.equal(complaints, []);
  assert.ok(ran > 0 && ran === compiled);
});

snippets('of a source the examples in TSDoc that are to be run are found, with their lines', () => {
  const { fences, complaints } = extractExamples(
    [
      'const text = `',
      '```ts run',
      'no();',
      '```',
      '`;',
      'class A {',
      '  /**',
      '   * Says so.',
      '   *',
      '   * ```ts run',
      '   * if (one) {',
      '   *   two();',
      '   * }',
      '   * ```',
      '   * ```ts',
      '   * fragment;',
      '   * ```',
      '   */',
      '  b = 1;',
      '  /** ```ts run */',
      '}',
    ].join('\n'),
    'a.ts',
  );
  assert.equal(complaints, []);
  assert.equal(
    fences.map(({ place, language, run, text }) => [place, language, run, text]),
    [['a.ts:10', 'ts', true, 'if (one) {\n  two();\n}']],
  );
  assert.equal(extractExamples('/**\n * ```ts run\n * x\n */', 'b.ts').complaints, [
    'b.ts:2: the code fence is not closed',
  ]);
});

snippets('fences are found with their lines, also in lists and with backticks inside', () => {
  const { fences, complaints } = extractFences(
    [
      '# A',
      '```ts run',
      'one();',
      '```',
      '- item',
      '  ````typescript file=a.ts',
      '  ```',
      '  two();',
      '  ````',
      '``` sh',
      '```',
    ].join('\n'),
    'a.md',
  );
  assert.equal(complaints, ['a.md:10: unknown words: sh']);
  assert.equal(
    fences.map(({ place, language, run, file, text }) => [place, language, run, file, text]),
    [
      ['a.md:2', 'ts', true, undefined, 'one();'],
      ['a.md:6', 'ts', false, 'a.ts', '```\ntwo();'],
      ['a.md:10', '', false, undefined, ''],
    ],
  );
  assert.equal(extractFences('\n```ts\nx', 'b.md').complaints, ['b.md:2: the code fence is not closed']);
});

snippets('an error of types is told with the line of the document, and nothing is run then', async () => {
  await withDocument(
    [
      'Text.',
      '```ts run',
      "import { now } from '@polyring/core';",
      'const text: string = now();',
      '```',
      '```ts',
      "import { nothingOfThatName } from '@polyring/core';",
      'console.log(nothingOfThatName);',
      '```',
    ],
    async (check) => {
      const { complaints, ran } = await check();
      assert.is(complaints.length, 2);
      assert.match(complaints[0], /^docs\/a\.md:4:7: error TS2322: /);
      assert.match(complaints[1], /^docs\/a\.md:7:10: error TS2305: /);
      assert.is(ran, 0);
    },
  );
});

snippets('a snippet that fails when it is run is told with its output; one that is not marked is not run', async () => {
  await withDocument(
    ['```ts run', "console.log('before');", "throw new Error('it fails');", '```', '```ts', 'process.exit(1);', '```'],
    async (check) => {
      const { complaints, ran, compiled } = await check();
      assert.is(compiled, 2);
      assert.is(ran, 1);
      assert.is(complaints.length, 1);
      assert.match(complaints[0], /^docs\/a\.md:1: exit code 1\n {2}\| before\n(?:.*\n)*.*Error: it fails/);
    },
  );
});

snippets('a snippet that prints an error is told, though it ends well', async () => {
  await withDocument(['```ts run', "console.error('a trace');", '```'], async (check) => {
    const { complaints } = await check();
    assert.equal(complaints, ['docs/a.md:1: exit code 0, with errors\n  | a trace']);
  });
});

snippets('a file that is shown in full must be that file to the last line', async () => {
  const parts = ['```ts file=b.ts', 'const one = 1;', '```', 'Text.', '```ts file=b.ts', 'const two = 2;', '```'];
  /** @type {[actual: string | undefined, expected: string[]][]} */
  const cases = [
    ['const one = 1;\n\nconst two = 2;\n', []],
    ['const one = 1;\n\nconst two = 3;\n', ['docs/a.md:6: differs from b.ts:3']],
    ['const one = 1;\n\nconst two = 2;\nmore();\n', ['docs/a.md:6: differs from b.ts:4']],
    ['const one = 1;\n', ['docs/a.md:5: differs from b.ts:2']],
    [undefined, ['docs/a.md:1: there is no file b.ts']],
  ];
  for (const [actual, expected] of cases) {
    await withDocument(parts, async (check, root) => {
      if (actual !== undefined) writeFileSync(path.join(root, 'b.ts'), actual);
      const { complaints, shown } = await check();
      assert.equal(
        complaints.map((complaint) => complaint.split('\n')[0]),
        expected,
      );
      assert.is(shown, 1);
    });
  }
});

snippets('a part of a file that is shown must stand in that file, its lines one after the other', async () => {
  const part = ['```json part=b.json', '  "two": 2,', '  "three": 3', '```'];
  /** @type {[actual: string | undefined, expected: string[]][]} */
  const cases = [
    ['{\n  "one": 1,\n  "two": 2,\n  "three": 3\n}\n', []],
    ['  "two": 2,\n  "four": 4\n  "two": 2,\n  "three": 3\n', []],
    ['{\n  "two": 2,\n  "one": 1,\n  "three": 3\n}\n', ['docs/a.md:3: differs from b.json:3']],
    ['  "two": 2,', ['docs/a.md:3: differs from b.json:2']],
    ['"two": 2,\n"three": 3\n', ['docs/a.md:2: the first line is not in b.json']],
    [undefined, ['docs/a.md:1: there is no file b.json']],
  ];
  for (const [actual, expected] of cases) {
    await withDocument(part, async (check, root) => {
      if (actual !== undefined) writeFileSync(path.join(root, 'b.json'), actual);
      const { complaints, shown } = await check();
      assert.equal(
        complaints.map((complaint) => complaint.split('\n')[0]),
        expected,
      );
      assert.is(shown, 1);
    });
  }
});

snippets('JSON must be JSON', async () => {
  await withDocument(['```json', '{ "a": 1, }', '```', '```json', '{ "a": 1 }', '```'], async (check) => {
    const { complaints } = await check();
    assert.is(complaints.length, 1);
    assert.match(complaints[0], /^docs\/a\.md:1: /);
  });
});

snippets('what cannot be read, and what means nothing, ends the command with 2 and one line', () => {
  const script = path.join(ROOT, 'scripts/check-snippets.mjs');
  for (const argument of ['nowhere.md', 'docs', '--nonsense']) {
    const { status, stderr } = spawnSync(process.execPath, [script, argument], { cwd: ROOT, encoding: 'utf8' });
    assert.is(status, 2, stderr);
    assert.match(stderr, /^check-snippets: .*\n$/);
  }
});

snippets.run();

/** A repository with one document and the packages of this one. */
async function withDocument(lines, body) {
  const root = temporaryDirectory();
  const document = path.join(root, 'docs/a.md');
  mkdirSync(path.dirname(document));
  mkdirSync(path.join(root, 'node_modules'));
  for (const name of ['@polyring', '@types', 'undici-types']) {
    symlinkSync(path.join(ROOT, 'node_modules', name), path.join(root, 'node_modules', name));
  }
  writeFileSync(document, `${lines.join('\n')}\n`);
  await body(() => checkSnippets([document], root), root);
}
