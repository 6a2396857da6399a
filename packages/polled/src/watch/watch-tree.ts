import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { RawFd } from '@polyring/core';
import { IN_ATTRIB, IN_DONT_FOLLOW, IN_MASK_ADD, IN_ONLYDIR, inotifyAddWatch, inotifyRmWatch } from '@polyring/sys';
import { type Place, type Watched, WatchedPlaces } from './watched.js';

/** An entry that stood in a directory when it was first watched. */
export interface FoundEntry {
  readonly path: string;
  readonly isDirectory: boolean;
}

/** Is told of the entries found, of each after the directory that it is in. */
export type Found = (entry: FoundEntry) => void;

/** A directory that is gone again, or is none any more, is no error: its parent's events tell. */
const GONE = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP']);

/** What somebody may give back: what was not done for lack of it is done later. */
const SHORTAGES = new Set(['EMFILE', 'ENFILE', 'ENOMEM']);

/**
 * The watches of one inotify, and the places that they stand for.
 *
 * The tree is changed while events wait to be read, so what stands at a path need not be what an event means. But the
 * number of a watch says which directory it is. A watch that there is changes its place only as events tell, for those
 * before are of the place before. One that is new has only events to come, and is at the place where it was met.
 */
export class WatchTree {
  readonly #fd: RawFd;
  readonly #mask: number;
  readonly #places: WatchedPlaces;
  readonly #root: Watched;
  /**
   * Directories that were no more where they are by the events so far, or that may not be reached: a move or a change of
   * rights to come tells where and when to look again.
   */
  readonly #missed = new Set<Watched>();
  /** Directories that something ran out for as they were read. */
  readonly #unread = new Set<Watched>();
  /** Whether something ran out as the tree was looked through, so that what has left it is not known. */
  #isStale = false;
  /** What kept a directory from being watched, while the others are. */
  #trouble: unknown;
  /** The kernel does not say it of what happens to the root itself. */
  readonly rootIsDirectory: boolean;

  /** @throws ENOENT, EACCES, ENOSPC at the user's limit of watches */
  constructor(fd: RawFd, path: string, mask: number) {
    this.#fd = fd;
    this.#mask = mask;
    this.#places = new WatchedPlaces(path);
    this.#root = this.#places.add(inotifyAddWatch(fd, path, mask));
    this.#root.isRead = true;
    this.rootIsDirectory = statSync(path).isDirectory();
  }

  isRoot(watch: number): boolean {
    return watch === this.#root.watch;
  }

  /** What a watch stands for now; undefined for one that is over. */
  pathOf(watch: number): string | undefined {
    const watched = this.#places.get(watch);
    return watched && this.#places.pathOf(watched);
  }

  /**
   * Watches all directories below the root, and no others any more.
   *
   * @throws ENOSPC at the user's limit of watches; EMFILE, ENFILE, ENOMEM: {@link catchUp} tries again
   */
  refresh(): void {
    this.#unread.clear();
    for (const watched of this.#places.all()) {
      watched.move = undefined;
      watched.told.clear();
    }
    const kept = new Set([this.#root]);
    this.#read([this.#root], undefined, kept);
    this.#isStale = this.#unread.size > 0;
    if (!this.#isStale) this.#drop([...this.#places.all()].filter((watched) => !kept.has(watched)));
    this.#throwTrouble();
  }

  /**
   * Reads the directories that something ran out for.
   *
   * @throws EMFILE, ENFILE, ENOMEM as long as there is none; ENOSPC at the user's limit of watches
   */
  catchUp(found: Found | undefined): void {
    const unread = [...this.#unread];
    this.#unread.clear();
    this.#read(unread, found);
    // What has come since is told of by that, and not by this.
    if (this.#isStale) this.refresh();
    else this.#throwTrouble();
  }

  /**
   * An entry has come, by an event.
   *
   * @returns whether it was told of before, when its directory was read
   */
  appeared({ watch, name }: Place): boolean {
    const directory = this.#places.get(watch);
    if (directory?.told.delete(name) === true) return true;
    if (directory?.isRead === false) directory.told.add(name);
    return false;
  }

  /** An entry has gone, by an event. */
  disappeared({ watch, name }: Place): void {
    this.#places.get(watch)?.told.delete(name);
  }

  /** A directory has come to a place. What was met there ahead of it has left since, and may be the one that comes. */
  arrived(place: Place): void {
    for (const watched of this.#places.at(place)) if (watched.move !== undefined) this.#untell(watched);
  }

  /**
   * Watches a directory that has come into the tree, and all below it.
   *
   * The watch begins before the directory is read: what comes in between is found twice rather than not at all.
   *
   * @throws ENOSPC at the user's limit of watches; EMFILE, ENFILE, ENOMEM: {@link catchUp} tries again
   */
  follow(place: Place, found: Found | undefined): void {
    const parent = this.#places.get(place.watch);
    const [directory] = (parent && this.#enter(parent, [place.name])) ?? [];
    if (directory?.move !== undefined) this.#untell(directory);
    if (directory?.isRead === false) this.#read([directory], found);
    this.#throwTrouble();
  }

  /**
   * The attributes of a directory have changed, so that it may be readable for the first time.
   *
   * @throws as {@link follow}
   */
  changed(place: Place, found: Found | undefined): void {
    this.#readMissed(found);
    const isNew = [...this.#places.at(place)].every(({ isRead, move }) => !isRead && move === undefined);
    if (isNew) this.follow(place, found);
    this.#throwTrouble();
  }

  /**
   * The attributes of a directory that is watched have changed, so that those in it may be reached for the first time.
   *
   * @throws as {@link follow}
   */
  attributesChanged(watch: number, found: Found | undefined): void {
    this.#readMissed(found);
    const directory = this.#places.get(watch);
    if (directory?.tellsAttributes === true) this.#read([directory], found);
    this.#throwTrouble();
  }

  /**
   * A directory has left its place. Which one it was, {@link moved} says.
   *
   * @param to undefined for where nothing is watched
   */
  left(from: Place, to: Place | undefined): void {
    for (const watched of this.#places.at(from)) watched.move = { to, isSecond: watched.move !== undefined };
  }

  /**
   * This directory has moved.
   *
   * @throws ENOSPC at the user's limit of watches; EMFILE, ENFILE, ENOMEM: {@link catchUp} tries again
   */
  moved(watch: number, found: Found | undefined): void {
    const directory = this.#places.get(watch);
    if (directory?.move === undefined) return;
    const { to, isSecond } = directory.move;
    directory.move = undefined;
    // What has come to its place before it left was exchanged with it, and stays.
    if (isSecond && directory.place !== undefined) {
      for (const watched of this.#places.at(directory.place)) watched.move = undefined;
    }
    if (!directory.isRead) this.#missed.add(directory);
    // Below itself it would be only where an overflow has lost moves.
    if (to !== undefined && this.#places.isOutside(to, directory)) this.#places.move(directory, to);
    else this.#drop([...this.#places.tree(directory)], found);
    this.#readMissed(found);
    this.#throwTrouble();
  }

  /**
   * The file system of a directory below the root was unmounted.
   *
   * @returns where it was mounted, and where another directory is to be followed by now; undefined for one that was below
   */
  unmounted(watch: number): Place | undefined {
    const directory = this.#places.get(watch);
    const place = directory?.place;
    if (directory === undefined || place === undefined) return undefined;
    this.#drop([...this.#places.tree(directory)]);
    const parent = this.#places.get(place.watch);
    return parent && this.#enter(parent, [place.name]) && place;
  }

  /** The kernel has ended a watch. */
  ended(watch: number): void {
    const watched = this.#places.get(watch);
    if (watched !== undefined) this.#forget(watched);
  }

  /** A directory was read ahead of the events, and what was told of it has left with another one since. */
  #untell(directory: Watched): void {
    for (const watched of this.#places.tree(directory)) {
      watched.move = undefined;
      watched.isRead = false;
      watched.told.clear();
    }
  }

  /**
   * Reads directories, and those below them that were not read yet.
   *
   * @param kept takes all that are where they were; where it is given, those that were read are read again
   */
  #read(directories: Watched[], found: Found | undefined, kept?: Set<Watched>): void {
    for (let directory = directories.pop(); directory !== undefined; directory = directories.pop()) {
      try {
        for (const watched of this.#readOne(directory, found)) {
          kept?.add(watched);
          if (kept !== undefined || !watched.isRead) directories.push(watched);
        }
      } catch (error) {
        this.#failed(directory, error);
      }
    }
  }

  #readMissed(found: Found | undefined): void {
    const missed = [...this.#missed];
    this.#missed.clear();
    this.#read(missed, found);
  }

  /** Reads a directory: those in it. */
  #readOne(directory: Watched, found: Found | undefined): readonly Watched[] {
    const path = this.pathOf(directory.watch);
    const resolved = this.#places.resolvedPathOf(directory);
    if (path === undefined || resolved === undefined) return [];
    const entries = entriesOf(resolved);
    const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    const entered = this.#enter(directory, names);
    if (entered === undefined) return [];
    if (!directory.isRead && found !== undefined) {
      for (const entry of entries) {
        if (directory.told.has(entry.name)) continue;
        directory.told.add(entry.name);
        found({ path: join(path, entry.name), isDirectory: entry.isDirectory() });
      }
    }
    directory.isRead = true;
    return entered;
  }

  /**
   * Watches directories in one that is watched.
   *
   * @returns those that are there by the events so far as well; undefined if another directory may have been looked at,
   * since this one is at its place no more
   */
  #enter(parent: Watched, names: readonly string[]): Watched[] | undefined {
    const path = this.#places.resolvedPathOf(parent);
    if (path === undefined) return undefined;
    const met: { readonly name: string; readonly watch: number | string }[] = [];
    try {
      for (const name of names) met.push({ name, watch: this.#add(`${path}/${name}`, IN_DONT_FOLLOW) });
    } catch (error) {
      this.#failed(parent, error);
    }
    const denied = met.filter(({ watch }) => watch === 'EACCES').map(({ name }) => name);
    const above = this.#add(path, denied.length > 0 ? IN_ATTRIB : 0);
    if (above !== parent.watch) {
      this.#missed.add(parent);
      for (const watch of [above, ...met.map((each) => each.watch)]) {
        if (typeof watch === 'number' && this.#places.get(watch) === undefined) this.#remove(watch);
      }
      const mayBeReached = above === 'EACCES' && this.#enterAbove(parent);
      return mayBeReached ? this.#enter(parent, names) : undefined;
    }
    const entered: Watched[] = [];
    for (const { name, watch } of met) {
      if (typeof watch === 'string') continue;
      const place = { watch: parent.watch, name };
      const watched = this.#places.get(watch) ?? this.#places.add(watch, place);
      if (watched.isAt(place)) entered.push(watched);
      else watched.met = place;
    }
    if (denied.length === 0 || parent.tellsAttributes) return entered;
    parent.tellsAttributes = true;
    // Who may read them may have changed before that.
    const others = this.#enter(parent, denied);
    return others && [...entered, ...others];
  }

  /**
   * Has the directory above tell once a directory may be reached again.
   *
   * @returns whether it may be by now
   */
  #enterAbove(directory: Watched): boolean {
    const { place } = directory;
    const above = place && this.#places.get(place.watch);
    return (above && this.#enter(above, [place.name])?.includes(directory)) === true;
  }

  /** Watches directories no more, and follows anew those that were met at another place. */
  #drop(directories: readonly Watched[], found?: Found): void {
    for (const directory of directories) {
      this.#forget(directory);
      this.#remove(directory.watch);
    }
    for (const { met } of directories) if (met !== undefined) this.follow(met, found);
  }

  /** A directory could not be read, or not all in it be watched. */
  #failed(directory: Watched, error: unknown): void {
    this.#trouble = error;
    if (SHORTAGES.has(codeOf(error))) this.#unread.add(directory);
  }

  #throwTrouble(): void {
    const trouble = this.#trouble;
    this.#trouble = undefined;
    if (trouble !== undefined) throw trouble;
  }

  #forget(watched: Watched): void {
    this.#places.delete(watched);
    this.#missed.delete(watched);
    this.#unread.delete(watched);
  }

  /**
   * Watches a directory.
   *
   * @param flags what this one is watched for beside the rest, from now on, and how
   * @returns the number of the watch, or the code of why there is nothing to watch
   */
  #add(path: string, flags: number): number | string {
    try {
      return inotifyAddWatch(this.#fd, path, this.#mask | IN_ONLYDIR | IN_MASK_ADD | flags);
    } catch (error) {
      const code = codeOf(error);
      if (GONE.has(code)) return code;
      throw error;
    }
  }

  #remove(watch: number): void {
    try {
      inotifyRmWatch(this.#fd, watch);
    } catch (error) {
      // The directory may have been deleted meanwhile, which ends its watch.
      if (codeOf(error) !== 'EINVAL') throw error;
    }
  }
}

function entriesOf(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    if (GONE.has(codeOf(error))) return [];
    throw error;
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}
