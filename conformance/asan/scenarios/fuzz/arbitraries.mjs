import { OPCODES } from '@polyring/core';
import fc from 'fast-check';
import { membersOf, readDeclarations, split } from './declarations.mjs';

/*
 * What programs are made of, as plain data. `{ $fd: 3 }` and the like stand for what there is only when a program
 * runs; see world.mjs.
 */

/**
 * Whatever lands in a field that is an address for some opcode is below 65,536, where the kernel maps nothing
 * (vm.mmap_min_addr), or has all bits set. 100 to 103 are left out: madvise(2) takes memory away from the whole
 * machine by them, or puts guard pages into the process.
 */
const numbers = fc.oneof(
  { weight: 5, arbitrary: fc.nat(64) },
  { weight: 3, arbitrary: fc.constantFrom(512, 4096, 65_535) },
  { weight: 1, arbitrary: fc.constantFrom(-1, 1.5) },
);
const fds = fc.nat(20).map((index) => ({ $fd: index }));
const bytes = fc.record({
  $bytes: fc.oneof(fc.nat(100), fc.constantFrom(512, 4096, 70_000)),
  of: fc.constantFrom('heap', 'lent', 'shared', 'resizable'),
  // As an address, all of them are nobody's or the kernel's.
  fill: fc.constantFrom(0, 0x80, 0xff),
});
const paths = fc.constantFrom('a', 'b', 'a/b', '.', '');

/** Values by type. What is not here is made of its declaration. */
const VALUES = {
  number: numbers,
  boolean: fc.boolean(),
  bigint: fc.nat(100).map((value) => ({ $bigint: value })),
  string: fc.constantFrom('a', 'user.a', ''),
  undefined: fc.constant(undefined),
  RawFd: fds,
  Path: paths,
  PollEvents: fc.nat(0x7fff),
  Instant: fc.nat(5).map((later) => ({ $later: later })),
  Entry: fc.nat(20).map((index) => ({ $entry: index })),
  ArrayBufferView: bytes,
  Uint8Array: bytes,
  FutexWord: fc.record({ $word: fc.nat(1), of: fc.constantFrom('heap', 'lent') }),
  Int32Array: fc.array(fds, { maxLength: 4 }).map((list) => ({ $fds: list })),
  StatxResult: fc.constant({ $new: 'StatxResult', args: [] }),
  WaitidResult: fc.constant({ $new: 'WaitidResult', args: [] }),
  PipeResult: fc.constant({ $new: 'PipeResult', args: [] }),
  SocketAddressResult: fc.constant({ $new: 'SocketAddressResult', args: [] }),
  EpollEventsResult: fc.constant({ $new: 'EpollEventsResult', args: [8] }),
  MessageResult: fc.constant({ $new: 'MessageResult', args: [{ maximumFds: 2, controlLength: 100 }] }),
  InetAddressInput: fc.record({ address: fc.constantFrom('127.0.0.1', '::1'), port: fc.constantFrom(0, 1) }),
};

const { builders, types } = readDeclarations();

function arbitraryOf(type) {
  if (Object.hasOwn(VALUES, type)) return VALUES[type];
  const alternatives = split(type, '|');
  if (alternatives.length > 1) return fc.oneof(...alternatives.map(arbitraryOf));
  const parts = split(type, '&');
  if (parts.length > 1) return fc.tuple(...parts.map(arbitraryOf)).map((objects) => Object.assign({}, ...objects));
  const [, literal] = /^'(.*)'$/.exec(type) ?? [];
  if (literal !== undefined) return fc.constant(literal);
  const [, item] = /^(?:readonly )?(.*)\[\]$/.exec(type) ?? [];
  if (item !== undefined) return fc.array(arbitraryOf(item), { maxLength: 4 });
  const [, whole, keys] = /^Pick<(\w+), (.*)>$/.exec(type) ?? [];
  if (whole !== undefined) return arbitraryOf(whole).map((object) => picked(object, split(keys, '|')));
  if (type.startsWith('{')) return objectOf(membersOf(type));
  const declared = types.get(type);
  if (declared === undefined) throw new Error(`the fuzz knows no values of the type ${type}: add them to VALUES`);
  return arbitraryOf(declared);
}

function objectOf(members) {
  const required = members.filter(({ optional }) => !optional).map(({ name }) => name);
  return fc.record(Object.fromEntries(members.map(({ name, type }) => [name, arbitraryOf(type)])), {
    requiredKeys: required,
  });
}

function picked(object, keys) {
  return Object.fromEntries(Object.entries(object).filter(([key]) => keys.includes(`'${key}'`)));
}

/** A builder with its arguments. Those that may be left out mostly are. */
const builtEntries = fc.oneof(
  ...[...builders].map(([builder, parameters]) =>
    fc.record({
      builder: fc.constant(builder),
      args: fc.tuple(
        ...parameters.map(({ type, optional }) =>
          optional ? fc.option(arbitraryOf(type), { nil: undefined }) : arbitraryOf(type),
        ),
      ),
    }),
  ),
);

/** The opcodes that take an address of a list of addresses, keep one, or can take memory away. Builders make those. */
const NOT_RAW = new Set(
  ['READV', 'WRITEV', 'READV_FIXED', 'WRITEV_FIXED', 'PROVIDE_BUFFERS', 'MADVISE'].map((name) => `IORING_OP_${name}`),
);
const addresses = fc.oneof(fc.constant(0), fc.nat(65_535));

/** Raw fields for any opcode. Addresses are left to `buffer`, or point to where nothing can be. */
const rawEntries = fc.record({
  raw: fc.record(
    {
      opcode: fc.constantFrom(...OPCODES.filter(({ name }) => !NOT_RAW.has(name)).map(({ opcode }) => opcode)),
      flags: fc.oneof(fc.constant(0), fc.nat(0x7f)),
      ioprio: fc.oneof(fc.constant(0), fc.nat(0xffff)),
      fd: fds,
      off: fc.oneof(fc.constant(-1), addresses),
      addr: addresses,
      len: fc.oneof(fc.nat(64), addresses),
      opFlags: fc.oneof(fc.nat(64), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
      bufIndex: fc.nat(4),
      fileIndex: fds,
      addr3: addresses,
      buffer: bytes,
      access: fc.nat(1),
      target: VALUES.Entry,
    },
    { requiredKeys: ['opcode', 'fd'] },
  ),
});

const submissions = fc.record({
  step: fc.constantFrom('submit', 'submit', 'submit', 'submit', 'multishot'),
  entry: fc.oneof({ weight: 3, arbitrary: builtEntries }, { weight: 1, arbitrary: rawEntries }),
  signal: fc.boolean(),
  poolExhausted: fc.constantFrom('reject', 'wait'),
});

const steps = fc.oneof(
  { weight: 120, arbitrary: submissions },
  { weight: 30, arbitrary: fc.record({ step: fc.constantFrom('abort', 'release', 'detach'), index: fc.nat(20) }) },
  { weight: 30, arbitrary: fc.record({ step: fc.constantFrom('turn', 'stir') }) },
  { weight: 1, arbitrary: fc.constant({ step: 'collect' }) },
);

/** A program: how its driver is made, and what is done with it. */
export const programs = fc.record({
  options: fc.record({
    entries: fc.constantFrom(1, 8, 64),
    poolLimit: fc.constantFrom(65_536, 2 ** 20, 2 ** 26),
  }),
  steps: fc.array(steps, { minLength: 1, maxLength: 100, size: 'max' }),
});

/** The names of the builders that are fuzzed. */
export const BUILDERS = [...builders.keys()];
