import assert from 'node:assert/strict';
import { Errno } from '@polyring/core';

/** A check for `assert.throws`: an error of the kernel in Node's form, with one of these codes. */
export function isSystemError(...codes: (keyof typeof Errno)[]): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof Error, `not an Error: ${String(error)}`);
    const { code, errno, syscall } = error as NodeJS.ErrnoException;
    const expected = codes.find((candidate) => candidate === code);
    assert.ok(expected !== undefined, `code is ${String(code)} and not ${codes.join(' or ')}: ${error.message}`);
    assert.equal(errno, Errno[expected], 'errno is not the negative error number');
    assert.ok(typeof syscall === 'string' && syscall !== '', 'syscall is missing');
    return true;
  };
}
