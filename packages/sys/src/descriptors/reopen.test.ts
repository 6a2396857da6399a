import { constants, readFileSync } from 'node:fs';
import { Errno } from '@polyring/core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { memfdCreate } from '../files/memfd.js';
import { read, write } from '../files/read-write.js';
import { close } from './close.js';
import { tryReopen } from './reopen.js';

const { O_CREAT, O_RDONLY, O_WRONLY } = constants;

const { ENOENT } = Errno;

test('what has a descriptor is opened anew, with a position and a way of its own', () => {
  const file = memfdCreate('file');
  write(file, Buffer.from('abc'));
  const reader = tryReopen(file, O_RDONLY);
  const bytes = Buffer.alloc(4);
  assert.is(read(reader, bytes), 3);
  assert.is(bytes.toString('latin1', 0, 3), 'abc');
  const writer = tryReopen(file, O_WRONLY | O_CREAT);
  write(writer, Buffer.from('A'));
  assert.is(readFileSync(`/proc/self/fd/${file}`, 'latin1'), 'Abc');
  for (const fd of [file, reader, writer]) close(fd);
});

test('a number without a file is answered with an error number', () => {
  assert.is(tryReopen(0x7ffffff0, O_RDONLY), ENOENT);
});

test.run();
