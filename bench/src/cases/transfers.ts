import type { Case } from '../case.js';
import { onRing } from '../rivals/on-ring.js';
import type { Rival } from '../rivals/rival.js';
import { type ScriptOptions, script } from '../rivals/script.js';

const STREAM_SIZE = 65_536;
const ANSWER_SIZES = [512, 4096, 16_384];
/** Connections that are made at the same time. */
const TOGETHER = [1, 50];

/** A case of polled objects: one kind of transfer in some ways, on one ring. */
function transfer(name: string, title: string, how: string, operation: string, rivals: readonly Rival[]): Case {
  return {
    name: `transfer-${name}`,
    title,
    about: `${how} Readiness is the same classes on a driver that does not grant the opcodes.`,
    operation,
    measures: ['rate', 'cpu'],
    rivals,
    targets: [],
  };
}

/** A rival for each way of polled sockets. */
function both(name: string, optionsOf: (by: string) => ScriptOptions): Rival[] {
  return ['completions', 'readiness'].map((by) => script(by, { script: `transfer-${name}`, options: optionsOf(by) }));
}

const byPipe = (name: string, by: string): Rival => script(name, { script: 'transfer-pipe', options: { by } });

/** What polled sockets and pipes do by completions, beside the same by readiness. */
export const transfers: readonly Case[] = [
  transfer(
    'send',
    'A stream to another process, in writes of 64 KiB',
    'It compares every byte, and tells how many were right.',
    'mebibyte',
    both('send', (by) => ({ by, size: STREAM_SIZE })),
  ),
  transfer(
    'receive',
    'A stream from another process, in reads of up to 64 KiB',
    'The first and the last byte of a read are compared, and one read in 64 byte by byte.',
    'mebibyte',
    both('receive', (by) => ({ by, size: STREAM_SIZE })),
  ),
  ...ANSWER_SIZES.map((size) =>
    transfer(
      `answer-${size}`,
      `Answers of ${size.toLocaleString('en-US')} bytes, asked for one by one`,
      'The first and the last byte of a read are compared, and one read in 64 byte by byte.',
      'answer',
      both('answer', (by) => ({ by, size })),
    ),
  ),
  ...TOGETHER.map((together) =>
    transfer(
      `connect-${together}`,
      `Connections within a process, ${together} at a time, connected in two ways`,
      'Who is accepted must be who connected. All are accepted by readiness.',
      'connection',
      both('connections', (connect) => ({ connect, accept: 'readiness', together })),
    ),
  ),
  ...TOGETHER.map((together) =>
    transfer(
      `accept-${together}`,
      `Connections within a process, ${together} at a time, accepted in two ways`,
      'Who is accepted must be who connected. All connect by readiness.',
      'connection',
      both('connections', (accept) => ({ connect: 'readiness', accept, together })),
    ),
  ),
  {
    name: 'transfer-pipe',
    title: '64 bytes through a pipe to cat and back, in three ways',
    about: 'The first and the last byte of a message are compared, and one message in 64 byte by byte.',
    operation: 'trip',
    measures: ['rate', 'cpu'],
    rivals: [
      byPipe('readiness', 'readiness'),
      byPipe('a read', 'read'),
      onRing(byPipe('a multishot read', 'multishot'), ['bufferRing', 'readMultishot']),
    ],
    targets: [],
  },
];
