import {
  accept,
  type Driver,
  type Entry,
  type FileTable,
  openat,
  openat2,
  type RawFd,
  socket as socketEntry,
} from '@polyring/core';
import { bind, close, connect, getsockname, listen, socket } from '@polyring/sys';
import { openDescriptors } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { uringBackend } from './factory.js';
import { type KernelNeed, testWith } from './kernel-needs.test-support.js';
import { runWhereGranted } from './run-where-granted.test-support.js';

/** Operations that race against one abort: so many that some are over by then and others have not begun. */
const AT_A_TIME = 50;
const RACES = 1000;
const ROUNDS_AT_MOST = 400;

interface Race {
  readonly driver: Driver;
  /** A socket that listens. */
  readonly listener: RawFd;
  readonly files: FileTable | undefined;
}

interface Opener {
  readonly entry: (race: Race) => Entry;
  /** Whether what it opens stands in a slot of the table, and not among the descriptors of the process. */
  readonly direct?: boolean;
  /** Whether somebody has to connect for it. */
  readonly accepts?: boolean;
}

const OPENERS: Record<string, Opener> = {
  openat: { entry: () => openat('/dev/null', 0, { async: true }) },
  openat2: { entry: () => openat2('/dev/null', 0, { async: true }) },
  socket: { entry: () => socketEntry('unix', 'stream', { async: true }) },
  accept: { entry: ({ listener }) => accept(listener), accepts: true },
  'openat into a slot': { entry: () => openat('/dev/null', 0, { async: true, direct: 'alloc' }), direct: true },
  'openat2 into a slot': { entry: () => openat2('/dev/null', 0, { async: true, direct: 'alloc' }), direct: true },
  'socket into a slot': {
    entry: () => socketEntry('unix', 'stream', { async: true, direct: 'alloc' }),
    direct: true,
  },
  'accept into a slot': { entry: ({ listener }) => accept(listener, { direct: 'alloc' }), direct: true, accepts: true },
};

function newListener(): RawFd {
  const listener = socket('ipv4', 'stream');
  bind(listener, { family: 'IPv4', address: '127.0.0.1', port: 0 });
  listen(listener);
  return listener;
}

/** Connects to half of those that accept. */
function newClients(listener: RawFd): RawFd[] {
  const address = getsockname(listener);
  return Array.from({ length: AT_A_TIME / 2 }, () => {
    const client = socket('ipv4', 'stream', { nonblock: false });
    connect(client, address);
    return client;
  });
}

/** Has operations race against an abort that comes after some turns. */
async function runRaces(opener: Opener, race: Race, round: number): Promise<PromiseSettledResult<number>[]> {
  const { driver, listener } = race;
  const controller = new AbortController();
  const options = round % 4 === 3 ? { timeout: 0 } : { signal: controller.signal };
  const results = Promise.allSettled(
    Array.from({ length: AT_A_TIME }, () => driver.ioUringSubmit(opener.entry(race), options)),
  );
  const clients = opener.accepts ? newClients(listener) : [];
  for (let turn = 0; turn < round % 3; turn += 1) await new Promise((resolve) => process.nextTick(resolve));
  controller.abort();
  const settled = await results;
  for (const client of clients) close(client);
  return settled;
}

for (const [name, opener] of Object.entries(OPENERS)) {
  const needs: readonly KernelNeed[] = opener.direct ? ['directDescriptors'] : [];
  const title = `${name} that wins against its abort gives what it opened to the caller, and else opens nothing`;
  testWith(test, needs, title, async () => {
    const driver = uringBackend.create();
    const files = opener.direct ? driver.ioUring.fileTable({ slots: 1, directSlots: AT_A_TIME }) : undefined;
    const open = openDescriptors();
    let won = 0;
    let lost = 0;
    for (let round = 0; round < ROUNDS_AT_MOST && (won + lost < RACES || won * lost === 0); round += 1) {
      // One for each round, since who lost leaves connections in its queue.
      const listener = newListener();
      for (const result of await runRaces(opener, { driver, listener, files }, round)) {
        if (result.status === 'fulfilled') {
          won += 1;
          if (files === undefined) close(result.value);
          else files.remove(result.value);
        } else {
          lost += 1;
          assert.ok(['ABORT_ERR', 'ERR_POLYRING_TIMEOUT'].includes(result.reason.code), String(result.reason));
        }
      }
      close(listener);
    }
    assert.ok(won > 0 && lost > 0, `${won} won and ${lost} lost`);
    assert.is(openDescriptors(), open);
    // A slot that nobody knows of would be missing here.
    const slots = Array.from({ length: files?.directSlots ?? 0 }, () => openat('/dev/null', 0, { direct: 'alloc' }));
    for (const { status } of await driver.submitMany(slots)) assert.is(status, 'fulfilled');
    await driver.close();
  });
}

runWhereGranted(test);
