import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { requestPath } from './files/request-path.js';
import { HttpError } from './http/http-error.js';
import { parseRange } from './http/range.js';
import { parseRequest } from './http/request.js';

function statusOf(body: () => unknown): number {
  try {
    body();
  } catch (error) {
    if (error instanceof HttpError) return error.status;
    throw error;
  }
  return 200;
}

test('a request is its method, its target and its headers', () => {
  const { method, target, headers } = parseRequest('GET /a?b HTTP/1.1\r\nHost: x\r\nRange:bytes=0-1 ');
  assert.is(method, 'GET');
  assert.is(target, '/a?b');
  assert.equal(
    [...headers],
    [
      ['host', 'x'],
      ['range', 'bytes=0-1'],
    ],
  );
});

test('what is no request is refused', () => {
  for (const head of ['', 'GET /', 'get / HTTP/1.0', 'GET  / HTTP/1.0', 'GET / HTTP/2.0', 'GET / HTTP/1.0\r\nnone']) {
    assert.is(
      statusOf(() => parseRequest(head)),
      400,
      head,
    );
  }
});

test('a path is decoded name by name, without its query', () => {
  assert.equal(requestPath('/'), { names: [], slash: true });
  assert.equal(requestPath('/a%20b/%C3%A4.txt?q=/../x#y'), { names: ['a b', 'ä.txt'], slash: false });
  assert.equal(requestPath('//a/.//b/'), { names: ['a', 'b'], slash: true });
  assert.equal(requestPath('/..a/b..'), { names: ['..a', 'b..'], slash: false });
});

test('a way out of the root, and what cannot be decoded, are refused', () => {
  for (const target of ['/..', '/a/../b', '/%2e%2e/x', '/a/%2E%2e', '/..%2fetc', '/a%2Fb', '/%2fetc/passwd']) {
    assert.is(
      statusOf(() => requestPath(target)),
      403,
      target,
    );
  }
  for (const target of ['', 'a', 'http://x/', '/%', '/%zz', '/%ff', '/a%00b', '*']) {
    assert.is(
      statusOf(() => requestPath(target)),
      400,
      target,
    );
  }
});

test('a range is a part of the file, at most to its end', () => {
  assert.equal(parseRange('bytes=0-0', 10), { start: 0, end: 1 });
  assert.equal(parseRange('bytes=4-', 10), { start: 4, end: 10 });
  assert.equal(parseRange('bytes=4-99', 10), { start: 4, end: 10 });
  assert.equal(parseRange('bytes=-3', 10), { start: 7, end: 10 });
  assert.equal(parseRange('bytes=-99', 10), { start: 0, end: 10 });
  for (const header of [undefined, 'bytes=-', 'bytes=5-4', 'bytes=1-2,4-5', 'lines=1-2', 'bytes=a-b']) {
    assert.is(parseRange(header, 10), undefined, header);
  }
  for (const [header, size] of [
    ['bytes=10-', 10],
    ['bytes=-0', 10],
    ['bytes=0-', 0],
  ] as const) {
    assert.is(parseRange(header, size), 'unsatisfiable', header);
  }
});

test.run();
