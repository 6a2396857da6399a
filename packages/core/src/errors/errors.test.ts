import { runInNewContext } from 'node:vm';
import { thrownBy, throws } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { AbortError, checkAbortSignal } from './abort-error.js';
import { addressDetails } from './address-details.js';
import { checkFd, checkInteger, invalidArgType, invalidArgValue, outOfRange } from './argument-error.js';
import { ERROR_CODES } from './codes.js';
import { Errno } from './errno.js';
import { closedError, disposedError, isPolyringError, PolyringError, timeoutError } from './polyring-error.js';
import { systemError } from './system-error.js';

test('a system error has the form that Node gives them', () => {
  const error = systemError(-9, 'read', { fd: 7 });
  assert.instance(error, Error);
  assert.is(error.code, 'EBADF');
  assert.is(error.errno, -9);
  assert.is(error.syscall, 'read');
  assert.is(error.fd, 7);
  assert.is(error.message, 'EBADF: bad file descriptor, read');
  assert.not('path' in error);
  assert.not('cause' in error);
});

test('a system error names the path and keeps the cause', () => {
  const cause = new Error('first');
  const error = systemError(-2, 'open', { path: '/a', cause });
  assert.is(error.message, "ENOENT: no such file or directory, open '/a'");
  assert.is(error.path, '/a');
  assert.is(error.cause, cause);
});

test('a system error names the address it was made for', () => {
  const details = addressDetails({ address: '::1', port: 80, family: 'IPv6', flowlabel: 5 });
  const error = systemError(-111, 'connect', { fd: 7, ...details });
  assert.is(error.message, 'ECONNREFUSED: connection refused, connect ::1:80');
  assert.equal(
    { ...error },
    { errno: -111, code: 'ECONNREFUSED', syscall: 'connect', fd: 7, address: '::1', port: 80 },
  );
  assert.equal(addressDetails({ path: '/run/it' }), { path: '/run/it' });
  assert.equal(addressDetails({ bytes: Uint8Array.of(16, 0) }), {});
});

test('a number that libuv does not know has the name of the kernel, and a text', () => {
  assert.is(systemError(-62, 'timeout').message, 'ETIME: timer expired, timeout');
  assert.is(systemError(-122, 'write').message, 'EDQUOT: disk quota exceeded, write');
});

test('all numbers of errno(3) have a name that Errno has too, and a text', () => {
  const unassigned = [41, 58];
  for (let number = 1; number <= 133; number += 1) {
    if (unassigned.includes(number)) continue;
    const { code, message } = systemError(-number, 'read');
    assert.is((Errno as Record<string, number>)[code], -number, code);
    assert.not.match(message, 'unknown error');
  }
});

test('a number that nobody knows is told as a number', () => {
  const error = systemError(-2999, 'read');
  assert.is(error.code, 'ERRNO_2999');
  assert.is(error.errno, -2999);
});

test('an abort error has the form that Node gives them', () => {
  const reason = new Error('why');
  const error = new AbortError(reason);
  assert.is(error.name, 'AbortError');
  assert.is(error.code, 'ABORT_ERR');
  assert.is(error.cause, reason);
  assert.not('cause' in new AbortError());
});

test('a signal is known by what is used of it, and may be of another realm', () => {
  const foreign = runInNewContext(`({ aborted: false, addEventListener() {}, removeEventListener() {} })`);
  for (const signal of [undefined, new AbortController().signal, foreign]) checkAbortSignal(signal);
  throws(() => checkAbortSignal(AbortSignal.abort()), 'ABORT_ERR');
  for (const other of [null, 5, 'x', () => {}, {}, { aborted: false }, { aborted: true }, new EventTarget()]) {
    throws(() => checkAbortSignal(other), 'ERR_INVALID_ARG_TYPE');
  }
});

test('an error of the library is told from others, also from another copy of the library', () => {
  const foreign = Object.defineProperty(new Error('from a second copy'), Symbol.for('polyring.error'), { value: true });
  assert.ok(isPolyringError(new PolyringError('ERR_POLYRING_CLOSED', 'closed')));
  assert.ok(isPolyringError(foreign));
  for (const other of [new Error('plain'), systemError(-2, 'open'), null, undefined, 'text']) {
    assert.not(isPolyringError(other));
  }
});

test('an error of the library carries its code and its cause', () => {
  const cause = new Error('first');
  const error = new PolyringError('ERR_POLYRING_CONFIG', 'bad', { cause });
  assert.is(error.name, 'PolyringError');
  assert.is(error.code, 'ERR_POLYRING_CONFIG');
  assert.is(error.cause, cause);
  assert.equal(Object.keys(error), ['code']);
});

test('the errors of what is over say what is over and what to do', () => {
  assert.is(disposedError('timer').code, 'ERR_POLYRING_DISPOSED');
  assert.match(disposedError('timer').message, /timer/);
  assert.is(closedError('uring').code, 'ERR_POLYRING_CLOSED');
  assert.match(closedError('uring').message, /"uring"/);
  assert.is(timeoutError(20).code, 'ERR_POLYRING_TIMEOUT');
  assert.match(timeoutError(20).message, /20 ms/);
});

test('every code says what it means, in order of the alphabet', () => {
  const codes = Object.keys(ERROR_CODES);
  assert.equal(codes, [...codes].sort());
  for (const [code, meaning] of Object.entries(ERROR_CODES)) {
    assert.match(code, /^ERR_POLYRING_[A-Z_]+$/);
    assert.match(meaning, /^[A-Z].*\.$/);
  }
});

test('a wrong type is a TypeError that says what was received', () => {
  const error = invalidArgType('fd', 'of type number', 'three') as NodeJS.ErrnoException;
  assert.instance(error, TypeError);
  assert.is(error.code, 'ERR_INVALID_ARG_TYPE');
  assert.is(error.message, 'The "fd" argument must be of type number. Received type string (three)');
  assert.match(invalidArgType('fd', 'x', null).message, /Received null$/);
  assert.match(invalidArgType('fd', 'x', undefined).message, /Received undefined$/);
  assert.match(invalidArgType('fd', 'x', new Map()).message, /Received an instance of Map$/);
  assert.match(invalidArgType('fd', 'x', Object.create(null)).message, /Received an instance of Object$/);
  assert.match(invalidArgType('fd', 'x', thrownBy).message, /Received function thrownBy$/);
  assert.match(outOfRange('fd', 'x', thrownBy).message, /Received function thrownBy$/);
  const named = Object.defineProperty(() => {}, 'name', { value: Symbol('own') });
  assert.match(invalidArgType('fd', 'x', named).message, /Received function Symbol\(own\)$/);
});

test('an error shows the start of a long value', () => {
  const long = 'x'.repeat(1000);
  const start = `${'x'.repeat(128)}...`;
  assert.ok(invalidArgType('fd', 'y', long).message.endsWith(`Received type string (${start})`));
  assert.ok(invalidArgValue('path', 'y', long).message.endsWith(`Received ${start}`));
});

test('a wrong value is a RangeError that says what was received', () => {
  const error = outOfRange('size', '>= 1', 0) as NodeJS.ErrnoException;
  assert.instance(error, RangeError);
  assert.is(error.code, 'ERR_OUT_OF_RANGE');
  assert.is(error.message, 'The value of "size" is out of range. It must be >= 1. Received 0');
});

test('an integer is checked for type, wholeness and bounds', () => {
  checkInteger(1, 'n', 1, 8);
  checkInteger(8, 'n', 1, 8);
  for (const value of [0, 9, 1.5, NaN, Infinity]) {
    throws(() => checkInteger(value, 'n', 1, 8), 'ERR_OUT_OF_RANGE');
  }
  for (const value of ['1', 1n, null, undefined]) {
    throws(() => checkInteger(value, 'n', 1, 8), 'ERR_INVALID_ARG_TYPE');
  }
});

test('a descriptor is named in the error of a bad one', () => {
  checkFd(0);
  assert.match(thrownBy(() => checkFd(-1)).message, /"fd"/);
  assert.match(thrownBy(() => checkFd(-1, 'socket')).message, /"socket"/);
});

test.run();
