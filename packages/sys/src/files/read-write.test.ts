import { closeSync, openSync } from 'node:fs';
import { Errno } from '@polyring/core';
import { throws } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { close } from '../descriptors/close.js';
import { pipe2 } from './pipe2.js';
import { read, tryRead, tryWrite, write } from './read-write.js';
import { tryReadv } from './vectored.js';

const { EAGAIN, EFAULT, EPIPE } = Errno;

function withPipe(body: (readFd: number, writeFd: number) => void): void {
  const [readFd, writeFd] = pipe2();
  try {
    body(readFd, writeFd);
  } finally {
    close(readFd);
    close(writeFd);
  }
}

test('bytes written to a pipe are read from it, within the given ranges', () => {
  withPipe((readFd, writeFd) => {
    assert.is(write(writeFd, Buffer.from('abcdefgh'), 2, 4), 4);
    const target = Buffer.alloc(8, '.');
    assert.is(read(readFd, target, 1, 6), 4);
    assert.is(target.toString(), '.cdef...');
  });
});

test('every kind of view is accepted, and its own offset counts', () => {
  withPipe((readFd, writeFd) => {
    const memory = new ArrayBuffer(32);
    new Uint8Array(memory).set(Buffer.from('0123456789abcdef'));
    const views = [
      new Uint8Array(memory, 1, 8),
      new Uint16Array(memory, 2, 4),
      new Float64Array(memory, 8, 1),
      new BigInt64Array(memory, 8, 1),
      new DataView(memory, 3, 8),
      Buffer.from(memory, 4, 8),
    ];
    for (const view of views) {
      assert.is(write(writeFd, view), 8);
      const copy = new DataView(new SharedArrayBuffer(16), 4, 12);
      assert.is(read(readFd, copy), 8);
      const expected = Buffer.from(memory, view.byteOffset, 8).toString('latin1');
      assert.is(Buffer.from(copy.buffer, 4, 8).toString('latin1'), expected);
    }
  });
});

test('a Float16Array is two bytes an element, or refused where the release does not tell its kind', () => {
  const Float16 = Reflect.get(globalThis, 'Float16Array') as (new (length: number) => Uint16Array) | undefined;
  if (Float16 === undefined) return;
  withPipe((readFd, writeFd) => {
    const view = new Float16(8);
    const written = tryWrite(writeFd, view);
    assert.ok(written === 16 || written === EFAULT, String(written));
    write(writeFd, new Uint8Array(64));
    // What was asked before it is a view whose elements have eight bytes.
    const taken = tryReadv(readFd, [new Float64Array(1), view]);
    assert.ok(taken === 24 || taken === EFAULT, String(taken));
  });
});

test('an array of views whose getter detaches one of them is read into what is left', () => {
  withPipe((readFd, writeFd) => {
    write(writeFd, Buffer.alloc(64, 1));
    const first = new Uint8Array(32);
    const views: Uint8Array[] = [first];
    let asked = 0;
    let moved = new ArrayBuffer(0);
    Object.defineProperty(views, 1, {
      enumerable: true,
      get() {
        asked += 1;
        // The first time it is checked, the second time taken.
        if (asked === 2) moved = structuredClone(first.buffer, { transfer: [first.buffer] });
        return new Uint8Array(8);
      },
    });
    assert.is(tryReadv(readFd, views), 8);
    assert.equal(Buffer.from(moved), Buffer.alloc(32));
  });
});

test('a range outside the view is refused before the call', () => {
  withPipe((readFd, writeFd) => {
    const view = new Uint32Array(2);
    for (const [offset, length] of [[9], [-1], [0.5], [0, 9], [4, 5], [0, -1], [0, 1.5], [NaN]] as [
      number,
      number?,
    ][]) {
      throws(() => write(writeFd, view, offset, length), 'ERR_OUT_OF_RANGE');
      throws(() => read(readFd, view, offset, length), 'ERR_OUT_OF_RANGE');
    }
    assert.is(tryRead(readFd, view), EAGAIN);
    assert.is(write(writeFd, view, 8), 0);
  });
});

test('what is not a view, or not a descriptor number, is refused', () => {
  throws(() => read(0, new ArrayBuffer(8) as never), 'ERR_INVALID_ARG_TYPE');
  throws(() => write(0, 'text' as never), 'ERR_INVALID_ARG_TYPE');
  throws(() => read('0' as never, Buffer.alloc(1)), 'ERR_INVALID_ARG_TYPE');
  throws(() => read(-1, Buffer.alloc(1)), 'ERR_OUT_OF_RANGE');
  throws(() => read(2 ** 31, Buffer.alloc(1)), 'ERR_OUT_OF_RANGE');
});

test('a detached view is refused by name', () => {
  for (const view of [new Uint8Array(8), new DataView(new ArrayBuffer(8))]) {
    structuredClone(view.buffer, { transfer: [view.buffer as ArrayBuffer] });
    throws(() => read(0, view), 'ERR_POLYRING_DETACHED');
    throws(() => write(1, view), 'ERR_POLYRING_DETACHED');
  }
});

test('an error of the kernel carries code, errno, syscall and fd', () => {
  const fd = openSync('/dev/null', 'w');
  throws(() => read(fd, Buffer.alloc(1)), { code: 'EBADF', errno: -9, syscall: 'read', fd }, /EBADF.*read/);
  closeSync(fd);
});

test('the trying forms answer the negative error number', () => {
  const [readFd, writeFd] = pipe2();
  assert.is(tryRead(readFd, Buffer.alloc(1)), EAGAIN);
  const full = Buffer.alloc(1 << 20);
  assert.ok(tryWrite(writeFd, full) > 0);
  assert.is(tryWrite(writeFd, full), EAGAIN);
  close(readFd);
  assert.is(tryWrite(writeFd, full), EPIPE);
  close(writeFd);
});

test('a pipe in packet mode keeps the bounds of writes', () => {
  const [readFd, writeFd] = pipe2({ direct: true });
  write(writeFd, Buffer.from('one'));
  write(writeFd, Buffer.from('two'));
  const target = Buffer.alloc(16);
  assert.is(read(readFd, target), 3);
  close(readFd);
  close(writeFd);
});

test('closing twice is EBADF', () => {
  const [readFd, writeFd] = pipe2();
  close(readFd);
  close(writeFd);
  throws(() => close(readFd), 'EBADF');
});

test.run();
