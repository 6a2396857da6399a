import { outOfRange } from '../errors/argument-error.js';

/** The level of the options that every socket has. */
export const SOL_SOCKET = 1;

/** The filter of a socket. */
const SO_GET_FILTER = 26;

/** Throws for an option that the kernel writes beyond its buffer: it takes the length for a count of instructions of 8 bytes. */
export function checkReadableOption(level: number, name: number): void {
  if (level === SOL_SOCKET && name === SO_GET_FILTER) {
    throw outOfRange('name', `none of SO_GET_FILTER (${SO_GET_FILTER}), whose length is no number of bytes`, name);
  }
}
