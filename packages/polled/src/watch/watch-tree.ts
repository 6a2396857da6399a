import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { RawFd } from '@polyring/core';
import { IN_DONT_FOLLOW, IN_ONLYDIR, inotifyAddWatch, inotifyRmWatch } from '@polyring/sys';

/** A directory, or a file, that is watched. */
interface Watched {
  path: string;
  /** Entries that were told of because they stood there when the watch began. The kernel may tell of them as well. */
  readonly told: Set<string>;
}

/** An entry that stood in a directory when it was first watched. */
export interface FoundEntry {
  readonly path: string;
  readonly isDirectory: boolean;
}

/** A directory that is gone again, or is none any more, is no error: its parent's events tell. */
const GONE = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP']);

/** The watches of one inotify, and the paths that they stand for, which change as directories are moved. */
export class WatchTree {
  readonly #fd: RawFd;
  readonly #mask: number;
  readonly #watched = new Map<number, Watched>();
  readonly #root: number;
  /** The kernel does not say it of what happens to the root itself. */
  readonly rootIsDirectory: boolean;

  /** @throws ENOENT, EACCES, ENOSPC at the user's limit of watches */
  constructor(fd: RawFd, path: string, mask: number) {
    this.#fd = fd;
    this.#mask = mask;
    this.#root = inotifyAddWatch(fd, path, mask);
    this.#watched.set(this.#root, { path, told: new Set() });
    this.rootIsDirectory = statSync(path).isDirectory();
  }

  /** The path of what was asked to be watched; undefined once it is gone. */
  get root(): string | undefined {
    return this.pathOf(this.#root);
  }

  isRoot(watch: number): boolean {
    return watch === this.#root;
  }

  /** What a watch stands for now; undefined for one that is over. */
  pathOf(watch: number): string | undefined {
    return this.#watched.get(watch)?.path;
  }

  /** Whether an entry was told of before, when its directory was first looked at. It is asked once an entry. */
  wasTold(watch: number, name: string): boolean {
    return this.#watched.get(watch)?.told.delete(name) === true;
  }

  /** Whether a directory is watched. */
  follows(path: string): boolean {
    for (const watched of this.#watched.values()) if (watched.path === path) return true;
    return false;
  }

  /**
   * Watches a directory and all below it.
   *
   * The watch begins before the directory is read: what comes in between is found twice rather than not at all.
   *
   * @param tells whether the entries found are to be told of, so that the kernel's event of them is none
   * @returns the entries found, each after the directory that it is in
   * @throws ENOSPC at the user's limit of watches
   */
  follow(path: string, tells: boolean): FoundEntry[] {
    const found: FoundEntry[] = [];
    const directories = [path];
    for (let directory = directories.pop(); directory !== undefined; directory = directories.pop()) {
      const told = this.#watch(directory);
      if (told === undefined) continue;
      for (const entry of entriesOf(directory)) {
        const isDirectory = entry.isDirectory();
        const entryPath = join(directory, entry.name);
        if (tells) told.add(entry.name);
        found.push({ path: entryPath, isDirectory });
        if (isDirectory) directories.push(entryPath);
      }
    }
    return found;
  }

  /** A directory has another path, and so has all below it. */
  move(from: string, to: string): void {
    for (const watched of this.#below(from)) watched[1].path = to + watched[1].path.slice(from.length);
  }

  /** A directory was moved to where nothing is watched. */
  leave(path: string): void {
    for (const [watch] of [...this.#below(path)]) {
      this.#watched.delete(watch);
      this.#remove(watch);
    }
  }

  /** The kernel has ended a watch. */
  ended(watch: number): void {
    this.#watched.delete(watch);
  }

  #watch(directory: string): Set<string> | undefined {
    try {
      const watch = inotifyAddWatch(this.#fd, directory, this.#mask | IN_ONLYDIR | IN_DONT_FOLLOW);
      const watched = this.#watched.get(watch);
      if (watched === undefined) {
        const told = new Set<string>();
        this.#watched.set(watch, { path: directory, told });
        return told;
      }
      // The kernel has one watch a directory: this one has come here by a move that was not told of yet.
      if (watch !== this.#root) watched.path = directory;
      return watched.told;
    } catch (error) {
      if (GONE.has((error as NodeJS.ErrnoException).code ?? '')) return undefined;
      throw error;
    }
  }

  #remove(watch: number): void {
    try {
      inotifyRmWatch(this.#fd, watch);
    } catch (error) {
      // The directory may have been deleted meanwhile, which ends its watch.
      if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error;
    }
  }

  *#below(path: string): Iterable<[number, Watched]> {
    const prefix = `${path}/`;
    for (const entry of this.#watched) if (entry[1].path === path || entry[1].path.startsWith(prefix)) yield entry;
  }
}

function entriesOf(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    if (GONE.has((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}
