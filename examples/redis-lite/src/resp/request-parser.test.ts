import { performance } from 'node:perf_hooks';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RequestParser } from './request-parser.js';

/** Hands the parser bytes, as many as it has room for at a time, and takes the requests that they complete. */
function feed(parser: RequestParser, text: string): string[][] {
  const requests: string[][] = [];
  for (let rest = Buffer.from(text, 'latin1'); rest.length > 0; ) {
    const bytes = rest.copy(parser.room);
    parser.filled(bytes);
    rest = rest.subarray(bytes);
    for (let request = parser.next(); request !== undefined; request = parser.next()) {
      requests.push(request.map((word) => word.toString('latin1')));
    }
  }
  return requests;
}

test('requests are the same in whatever pieces they come', () => {
  const large = '\r\n$x'.repeat(10_000);
  const requests = [['SET', 'key', large], ['PING'], ['', 'a b', '*1\r\n$1\r\n'], ['ECHO', large, large]];
  const text = requests
    .map((words) => `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`)
    .join('*0\r\nPING\r\n');
  const expected = requests.flatMap((words) => [words, ['PING']]).slice(0, -1);
  for (const size of [1, 7, 4096, text.length]) {
    const parser = new RequestParser();
    const found: string[][] = [];
    for (let at = 0; at < text.length; at += size) found.push(...feed(parser, text.slice(at, at + size)));
    assert.equal(found, expected, `in pieces of ${size}`);
  }
});

test('an array whose words come one by one is read once, and not from its start with each', () => {
  const count = 15_000;
  const parser = new RequestParser();
  const begun = performance.now();
  assert.equal(feed(parser, `*${count}\r\n`), []);
  for (let index = 1; index < count; index += 1) feed(parser, '$1\r\na\r\n');
  assert.is(feed(parser, '$1\r\na\r\n')[0]?.length, count);
  assert.ok(performance.now() - begun < 5000);
});

test.run();
