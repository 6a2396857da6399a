import { checkInteger } from '../errors/argument-error.js';
import type { EntryFields } from './entry.js';

/** Throws unless each field that is a number of the SQE has room for it. Those of 32 and of 64 bits are signed for some opcodes. */
export function checkNumbers(fields: EntryFields): void {
  checkInteger(fields.opcode, 'fields.opcode', 0, 0xff);
  check(fields.flags, 'fields.flags', 0, 0xff);
  check(fields.ioprio, 'fields.ioprio', 0, 0xffff);
  checkWord(fields.fd, 'fields.fd');
  checkLongWord(fields.off, 'fields.off');
  checkLongWord(fields.addr, 'fields.addr');
  checkWord(fields.len, 'fields.len');
  checkWord(fields.opFlags, 'fields.opFlags');
  check(fields.bufIndex, 'fields.bufIndex', 0, 0xffff);
  check(fields.personality, 'fields.personality', 0, 0xffff);
  checkWord(fields.fileIndex, 'fields.fileIndex');
  checkLongWord(fields.addr3, 'fields.addr3');
}

function checkWord(value: number | undefined, name: string): void {
  check(value, name, -(2 ** 31), 2 ** 32 - 1);
}

function checkLongWord(value: number | undefined, name: string): void {
  check(value, name, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
}

function check(value: number | undefined, name: string, least: number, greatest: number): void {
  if (value !== undefined) checkInteger(value, name, least, greatest);
}
