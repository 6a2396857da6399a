import { readdirSync, readFileSync } from 'node:fs';
import * as core from '@polyring/core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const SOURCES = new URL('../../src/opcodes/', import.meta.url);
const DOCUMENT = new URL('../../../../docs/opcodes.md', import.meta.url);

/** What cannot be proved on an ordinary machine. */
const UNPROVED = new Set(['IORING_OP_RECV_ZC']);

interface Row {
  readonly opcode: number;
  readonly name: string;
  readonly since: string;
  readonly builders: string[];
  readonly proof: string;
}

function quoted(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, each]) => each as string);
}

const rows: readonly Row[] = readFileSync(DOCUMENT, 'utf8')
  .split('\n')
  .filter((line) => /^\| \d/.test(line))
  .map((line) => {
    const [, opcode, name, since, builders, proof] = line.split('|').map((cell) => cell.trim()) as string[];
    return {
      opcode: Number(opcode),
      name: quoted(name as string)[0] as string,
      since: since as string,
      builders: quoted(builders as string),
      proof: proof as string,
    };
  });

/** The opcodes that each test file proves, by its calls of `covers`. */
const covered: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  readdirSync(SOURCES)
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => {
      const calls = readFileSync(new URL(file, SOURCES), 'utf8').matchAll(/suite\.covers\(\s*\[([^\]]*)\]/g);
      return [file, new Set([...calls].flatMap(([, list = '']) => list.match(/IORING_OP_\w+/g) ?? []))];
    }),
);

test('the table lists every opcode of the kernel, with the version that brought it', () => {
  assert.equal(
    rows.map(({ name, opcode, since }) => ({ name, opcode, since })),
    [...core.OPCODES],
  );
});

test('every opcode has builders, and they are there', () => {
  for (const { name, builders } of rows) {
    assert.ok(builders.length > 0, `${name} has no builder`);
    for (const builder of builders) {
      assert.type((core as Record<string, unknown>)[builder], 'function', `${name}: ${builder}`);
    }
  }
});

test('every opcode is proved by the files that the table names, and by no others', () => {
  for (const { name, proof } of rows) {
    const files = [...covered].filter(([, opcodes]) => opcodes.has(name)).map(([file]) => file);
    assert.equal(quoted(proof).sort(), files.sort(), name);
    assert.ok(files.length > 0, `${name} is proved by no test`);
  }
});

test('what is not proved says why', () => {
  for (const { name, proof } of rows) {
    const reason = proof.replace(/`[^`]+`|[,\s]/g, '');
    assert.is(reason.length > 0, UNPROVED.has(name), name);
  }
});

test.run();
