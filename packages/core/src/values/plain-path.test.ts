import { runInNewContext } from 'node:vm';
import { throws } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { plainPath } from './plain-path.js';

test('text and bytes are a path as they are', () => {
  for (const path of ['/a b', Buffer.from('/a b'), runInNewContext('new Uint8Array(4).fill(1)')])
    assert.is(plainPath(path), path);
});

test('a URL is known by what is used of it, and may be of another realm', () => {
  const fields = `{ href: 'file:///a%20b', protocol: 'file:', host: '', hostname: '', pathname: '/a%20b' }`;
  for (const url of [new URL('file:///a%20b'), runInNewContext(`(${fields})`)]) assert.is(plainPath(url), '/a b');
  throws(() => plainPath(new URL('https://localhost/')), 'ERR_INVALID_URL_SCHEME');
});

test('anything else is no path', () => {
  for (const other of [undefined, null, 1, {}, [], new Uint16Array(4), new ArrayBuffer(4), { href: 'file:///a' }]) {
    throws(() => plainPath(other), 'ERR_INVALID_ARG_TYPE');
  }
});

test('a path has no null byte', () => {
  for (const path of ['a\0', Buffer.from('a\0'), runInNewContext('new Uint8Array(4)'), new URL('file:///a%00b')]) {
    throws(() => plainPath(path), 'ERR_INVALID_ARG_VALUE', /"path"/);
  }
});

test.run();
