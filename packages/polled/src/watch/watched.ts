import { isAbsolute, join } from 'node:path';
import type { InotifyEvent } from '@polyring/sys';

/** A name in a directory that is watched. An event has one. */
export type Place = Pick<InotifyEvent, 'watch' | 'name'>;

/** A directory, or a file, that is watched. */
export class Watched {
  readonly watch: number;
  /** Where it is by the events so far; undefined for the root. */
  place: Place | undefined;
  /** Where it was met ahead of the events. */
  met: Place | undefined;
  /** What an event tells of the directory at its place. It was this one that moved if IN_MOVE_SELF says so. */
  move: { readonly to: Place | undefined; readonly isSecond: boolean } | undefined;
  /** Whether all its entries were told of, or are by events to come. */
  isRead = false;
  /** Whether it is watched for the attributes of its entries, as one of them may not be read. With them it changes who may. */
  tellsAttributes = false;
  /** Entries that were told of and that another event, or reading the directory, may tell of as well. */
  readonly told = new Set<string>();
  /** Those below by their names. One that was met ahead of the events may have the name of one that they have there still. */
  readonly below = new Map<string, Set<Watched>>();

  constructor(watch: number) {
    this.watch = watch;
  }

  isAt({ watch, name }: Place): boolean {
    return this.place?.watch === watch && this.place.name === name;
  }
}

/** All that is watched, by the numbers of the watches and by places. */
export class WatchedPlaces {
  readonly #path: string;
  readonly #resolved: string;
  readonly #watched = new Map<number, Watched>();

  /** @param path of the root, which is what has no place */
  constructor(path: string) {
    this.#path = path;
    // Not normalized: behind a link ".." is where the link leads.
    this.#resolved = isAbsolute(path) ? path : `${process.cwd()}/${path}`;
  }

  /** Undefined for a watch that is over. */
  get(watch: number): Watched | undefined {
    return this.#watched.get(watch);
  }

  all(): Iterable<Watched> {
    return this.#watched.values();
  }

  /** What stands at a place by the events so far, and what was met there ahead of them. */
  at({ watch, name }: Place): Iterable<Watched> {
    return this.get(watch)?.below.get(name) ?? [];
  }

  /** As what is watched was named, for telling. */
  pathOf(watched: Watched): string | undefined {
    const names = this.#namesOf(watched);
    if (names === undefined || names.length === 0) return names && this.#path;
    // At once: each join looks at the whole path.
    return join(this.#path, ...names);
  }

  /** For system calls: the process may have changed its directory since. */
  resolvedPathOf(watched: Watched): string | undefined {
    const names = this.#namesOf(watched);
    return names && [this.#resolved, ...names].join('/');
  }

  add(watch: number, place?: Place): Watched {
    const watched = new Watched(watch);
    this.#watched.set(watch, watched);
    if (place !== undefined) this.move(watched, place);
    return watched;
  }

  move(watched: Watched, to: Place): void {
    this.#unlink(watched);
    watched.place = to;
    const below = this.get(to.watch)?.below;
    const same = below?.get(to.name);
    if (same === undefined) below?.set(to.name, new Set([watched]));
    else same.add(watched);
  }

  delete(watched: Watched): void {
    this.#unlink(watched);
    this.#watched.delete(watched.watch);
  }

  /** What is watched, and all below it. */
  *tree(watched: Watched): Iterable<Watched> {
    yield watched;
    for (const same of watched.below.values()) for (const each of same) yield* this.tree(each);
  }

  /** Whether a place is in the tree, and not below a directory. */
  isOutside(place: Place, directory: Watched): boolean {
    let above = this.get(place.watch);
    while (above?.place !== undefined && above !== directory) above = this.get(above.place.watch);
    return above !== undefined && above !== directory;
  }

  /** The names from the root down. Undefined for what is not below it. */
  #namesOf(watched: Watched): string[] | undefined {
    const names: string[] = [];
    let above: Watched | undefined = watched;
    for (; above?.place !== undefined; above = this.get(above.place.watch)) names.push(above.place.name);
    return above && names.reverse();
  }

  #unlink(watched: Watched): void {
    if (watched.place === undefined) return;
    const { watch, name } = watched.place;
    const below = this.get(watch)?.below;
    const same = below?.get(name);
    same?.delete(watched);
    if (same?.size === 0) below?.delete(name);
  }
}
