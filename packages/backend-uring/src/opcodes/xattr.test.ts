import { openSync, writeFileSync } from 'node:fs';
import {
  fgetxattr,
  fsetxattr,
  getxattr,
  IORING_OP_FGETXATTR,
  IORING_OP_FSETXATTR,
  IORING_OP_GETXATTR,
  IORING_OP_SETXATTR,
  setxattr,
  XATTR_CREATE,
  XATTR_REPLACE,
} from '@polyring/core';
import * as assert from 'uvu/assert';
import { type OpcodeContext, opcodeSuite } from './opcode-suite.test-support.js';

const suite = opcodeSuite('opcodes of extended attributes');
const NAME = 'user.polyring';

/** Whether the file system of the directory has them; some of Linux' do not, or not for everybody. */
async function hasAttributes({ submit, path }: OpcodeContext): Promise<boolean> {
  writeFileSync(path('file'), '');
  try {
    return (await submit(setxattr(path('file'), NAME, Buffer.from('first')))) === 0;
  } catch (error) {
    assert.is((error as NodeJS.ErrnoException).code, 'ENOTSUP');
    console.log('# skipped: the file system of the temporary directory has no extended attributes');
    return false;
  }
}

suite.covers([IORING_OP_SETXATTR, IORING_OP_GETXATTR], 'an attribute of a path is set and read', async (context) => {
  if (!(await hasAttributes(context))) return;
  const { submit, fails, path } = context;
  const value = Buffer.alloc(16, 0xee);
  assert.is(await submit(getxattr(path('file'), NAME, value)), 5);
  assert.is(value.toString('latin1', 0, 6), 'first\xee');
  assert.is(await submit(getxattr(path('file'), NAME, Buffer.alloc(0))), 5);
  await fails(getxattr(path('file'), NAME, Buffer.alloc(2)), 'ERANGE');
  await fails(setxattr(path('file'), NAME, value, { flags: XATTR_CREATE }), 'EEXIST');
  const missing = await fails(setxattr(path('file'), 'user.other', value, { flags: XATTR_REPLACE }), 'ENODATA');
  assert.is(missing.path, path('file'));
  await submit(setxattr(path('file'), NAME, Buffer.from('second'), { flags: XATTR_REPLACE }));
  assert.is(await submit(getxattr(path('file'), NAME, value)), 6);
  assert.is(value.toString('latin1', 0, 6), 'second');
});

suite.covers([IORING_OP_FSETXATTR, IORING_OP_FGETXATTR], 'so is one of a descriptor', async (context) => {
  if (!(await hasAttributes(context))) return;
  const { submit, fails, path, opened, driver } = context;
  const fd = opened(openSync(path('file'), 'r'));
  assert.is(await submit(fsetxattr(fd, NAME, Buffer.from('of a descriptor'))), 0);
  const lent = driver.allocate(64);
  assert.is(await submit(fgetxattr(fd, NAME, lent.bytes)), 15);
  assert.is(lent.bytes.toString('latin1', 0, 15), 'of a descriptor');
  await fails(fsetxattr(fd, NAME, Buffer.from('x'), { flags: XATTR_CREATE }), 'EEXIST');
  const missing = await fails(fgetxattr(fd, 'user.other', lent.bytes), 'ENODATA');
  assert.is(missing.fd, fd);
});

suite.run();
