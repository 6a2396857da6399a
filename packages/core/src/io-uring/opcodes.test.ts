import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as opcodes from './opcodes.js';

const { OPCODES, opcodeName, opcodeSyscall } = opcodes;

test('the table lists the 63 opcodes of Linux 6.18 by their number', () => {
  assert.is(OPCODES.length, 63);
  for (const [index, { opcode }] of OPCODES.entries()) assert.is(opcode, index);
});

test('every row of the table has the constant of its name', () => {
  const constants = Object.entries(opcodes).filter(([name]) => name.startsWith('IORING_OP_'));
  assert.is(constants.length, OPCODES.length);
  for (const [name, opcode] of constants) assert.is(OPCODES[opcode as number]?.name, name);
});

test('versions never go back from one opcode to the next', () => {
  const order = OPCODES.map(({ since }) => {
    const [major = NaN, minor = NaN] = since.split('.').map(Number);
    return major * 100 + minor;
  });
  for (let index = 1; index < order.length; index += 1) {
    assert.ok((order[index] ?? NaN) >= (order[index - 1] ?? NaN), OPCODES[index]?.name);
  }
});

test('the opcodes that every ring has keep the numbers of the kernel', () => {
  assert.is(opcodes.IORING_OP_NOP, 0);
  assert.is(opcodes.IORING_OP_POLL_ADD, 6);
  assert.is(opcodes.IORING_OP_ASYNC_CANCEL, 14);
  assert.is(opcodes.IORING_OP_CLOSE, 19);
  assert.is(opcodes.IORING_OP_READ, 22);
  assert.is(opcodes.IORING_OP_MSG_RING, 40);
  assert.is(opcodes.IORING_OP_SENDMSG_ZC, 48);
  assert.is(opcodes.IORING_OP_LISTEN, 57);
  assert.is(opcodes.IORING_OP_PIPE, 62);
});

test('an error names the operation in lower case', () => {
  assert.is(opcodeSyscall(opcodes.IORING_OP_READ), 'read');
  assert.is(opcodeSyscall(opcodes.IORING_OP_READV), 'readv');
  assert.is(opcodeSyscall(opcodes.IORING_OP_READ_FIXED), 'read_fixed');
  assert.is(opcodeSyscall(opcodes.IORING_OP_POLL_ADD), 'poll_add');
});

test('an opcode that is not known has a name all the same', () => {
  assert.is(opcodeName(22), 'IORING_OP_READ');
  assert.is(opcodeName(255), 'IORING_OP_255');
  assert.is(opcodeSyscall(255), 'opcode_255');
});

test.run();
