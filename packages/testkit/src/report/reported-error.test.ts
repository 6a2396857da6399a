import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { firstLine, reportError } from './reported-error.js';

test('an error is reported with name, message, code, and everything else as text', () => {
  const cause = new RangeError('the cause');
  const error = Object.assign(new TypeError('first\nsecond', { cause }), { code: 'EPERM', syscall: 'epoll_ctl' });
  const report = reportError(error);
  assert.equal([report.name, report.message, report.code], ['TypeError', 'first\nsecond', 'EPERM']);
  for (const text of ['second', 'the cause', 'epoll_ctl', 'reported-error.test'])
    assert.ok(report.detail.includes(text));
  assert.equal(JSON.parse(JSON.stringify(report)), report);
});

test('what is thrown and is no error is reported as what it is', () => {
  for (const [thrown, text] of [
    [null, 'null'],
    [undefined, 'undefined'],
    ['words', "'words'"],
    [{ a: 1 }, '{ a: 1 }'],
  ]) {
    assert.equal(reportError(thrown), { name: 'thrown value', message: text, detail: text });
  }
});

test('a code that is no text is left to the details', () => {
  assert.is(reportError(Object.assign(new Error('x'), { code: 7 })).code, undefined);
});

test('the first line is of the message, or the name if there is none', () => {
  assert.is(firstLine(new Error('one\ntwo')), 'one');
  assert.is(firstLine(new RangeError()), 'RangeError');
});

test.run();
