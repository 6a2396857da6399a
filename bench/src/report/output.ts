import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  existsSync,
  lstatSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';

const { O_APPEND, O_CREAT, O_NONBLOCK, O_WRONLY } = constants;

/**
 * Refuses a file that could not be written after a run. What it holds stays.
 *
 * @returns what is the same for every path that leads to this file, and for no other's
 * @throws the error of the attempt
 */
export function checkWritable(path: string): string {
  const wasThere = existsSync(path);
  // Without O_NONBLOCK a named pipe that nobody reads would hold everything up.
  closeSync(openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK));
  const { dev, ino } = statSync(path);
  let identity = `${dev}:${ino}`;
  if (!wasThere) {
    identity = realpathSync(path);
    rmSync(identity);
  }
  const file = replaceable(path);
  if (file !== undefined) {
    closeSync(openSync(freshOf(file), O_WRONLY | O_CREAT));
    rmSync(freshOf(file));
  }
  return identity;
}

/** Writes a file as a whole or not at all; one that cannot be replaced as far as that goes. */
export function replaceFile(path: string, text: string): void {
  const file = replaceable(path);
  if (file === undefined) {
    writeFileSync(path, text);
    return;
  }
  const before = statSync(file, { throwIfNoEntry: false });
  const fresh = freshOf(file);
  try {
    writeFileSync(fresh, text, { mode: before?.mode ?? 0o666 });
    if (before !== undefined) keepOwnerAndMode(fresh, before);
    renameSync(fresh, file);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}

/**
 * The file that another may take the place of. `undefined` for what has to be written to by its path: a pipe, a device,
 * a file of several names, and a link to nothing.
 */
function replaceable(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return lstatSync(path, { throwIfNoEntry: false }) === undefined ? path : undefined;
  return stats.isFile() && stats.nlink === 1 ? realpathSync(path) : undefined;
}

function keepOwnerAndMode(file: string, { uid, gid, mode }: Stats): void {
  try {
    chownSync(file, uid, gid);
  } catch {
    // Only who is privileged may give a file away.
  }
  // What creates a file takes the bits of the umask off, and a new owner those that grant his identity.
  chmodSync(file, mode);
}

/** Where the new content of a file waits until it is whole. */
function freshOf(file: string): string {
  return `${file}.${process.pid}`;
}
