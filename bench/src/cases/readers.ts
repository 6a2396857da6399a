import { BUN, DENO, OTHER_NODES, type Runtime, THIS_NODE } from '../processes/runtimes.js';
import { batched, fio } from '../rivals/fio.js';
import { onRing } from '../rivals/on-ring.js';
import type { Rival } from '../rivals/rival.js';
import { script } from '../rivals/script.js';
import { PROMISES, URING } from './names.js';

// Who reads files, for the cases that do.

export const REGISTERED = `${URING}, registered buffers and file`;
export const POLLED_FILE = `${URING}, PolledFile.read`;
export const BOUNCED = `${URING}, the caller's Buffers`;
export const READ_SYNC = 'fs.readSync';
export const CALLBACK = 'fs.read';
export const CALLBACK_128 = 'fs.read, 128 threads';
export const FIO = 'fio, batched';
export const BARE = 'JavaScript, bare io_uring';
export const BARE_REGISTERED = `${BARE}, registered file`;
export const FIO_FIXED = 'fio, batched, fixed buffers and files';

/** How a reader reads. */
export interface Reading {
  readonly depth: number;
  readonly direct?: boolean;
}

function reader(
  name: string,
  by: string,
  { depth, direct = false }: Reading,
  run: { readonly script: string; readonly runtime?: Runtime; readonly env?: Readonly<Record<string, string>> },
): Rival {
  return script(name, {
    ...run,
    options: ({ blockFile, blocks }) => ({ by, path: blockFile, blocks, depth, direct }),
  });
}

const driverReader = (name: string, by: string, reading: Reading): Rival =>
  reader(name, by, reading, { script: 'read-driver' });
const ringReader = (name: string, by: string, reading: Reading): Rival =>
  onRing(reader(name, by, reading, { script: 'read-bare-ring' }));
const nodeReader = (name: string, by: string, reading: Reading, runtime = THIS_NODE, env = {}): Rival =>
  reader(name, by, reading, { script: 'read-node', runtime, env });

export const lentReader = (reading: Reading): Rival => driverReader(URING, 'lent', reading);
export const registeredReader = (reading: Reading): Rival => driverReader(REGISTERED, 'registered', reading);
export const bouncedReader = (reading: Reading): Rival => driverReader(BOUNCED, 'bounced', reading);
export const polledFileReader = (reading: Reading): Rival => driverReader(POLLED_FILE, 'polledFile', reading);
export const bareReader = (reading: Reading): Rival => ringReader(BARE, 'lent', reading);
export const bareRegisteredReader = (reading: Reading): Rival => ringReader(BARE_REGISTERED, 'registered', reading);
export const promisesReader = (reading: Reading): Rival => nodeReader(PROMISES, 'promises', reading);
export const callbackReader = (reading: Reading): Rival => nodeReader(CALLBACK, 'callback', reading);
export const syncReader = (reading: Reading): Rival => nodeReader(READ_SYNC, 'sync', reading);
export const manyThreadsReader = (reading: Reading): Rival =>
  nodeReader(CALLBACK_128, 'callback', reading, THIS_NODE, { UV_THREADPOOL_SIZE: '128' });

/** `fs/promises` of the other runtimes. */
export const otherReaders = (reading: Reading): Rival[] =>
  [...OTHER_NODES, BUN, DENO].map((runtime) =>
    nodeReader(`fs/promises, ${runtime.name}`, 'promises', reading, runtime),
  );

/** fio that reads the same file; with `more`, in another way. */
export function fioReader(name: string, { depth, direct = false }: Reading, more: readonly string[] = []): Rival {
  return onRing(
    fio(name, ({ blockFile }) => [
      `--filename=${blockFile}`,
      '--readonly',
      '--rw=randread',
      ...(direct ? ['--direct=1'] : []),
      ...batched(depth),
      ...more,
    ]),
  );
}
