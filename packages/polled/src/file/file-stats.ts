import { constants } from 'node:fs';

const { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK } = constants;

/** What is known of a file, as `fs.Stats` tells it. */
export class FileStats {
  /** The device that the file is on. */
  readonly dev: number;
  readonly ino: number;
  /** Type and permissions. */
  readonly mode: number;
  readonly nlink: number;
  readonly uid: number;
  readonly gid: number;
  /** The device that the file is, if it is one. */
  readonly rdev: number;
  /** Bytes. */
  readonly size: number;
  readonly blksize: number;
  /** Units of 512 bytes. */
  readonly blocks: number;
  /** Milliseconds since 1970, with a fraction. */
  readonly atimeMs: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly birthtimeMs: number;

  constructor(fields: FileStatsFields) {
    this.dev = fields.dev;
    this.ino = fields.ino;
    this.mode = fields.mode;
    this.nlink = fields.nlink;
    this.uid = fields.uid;
    this.gid = fields.gid;
    this.rdev = fields.rdev;
    this.size = fields.size;
    this.blksize = fields.blksize;
    this.blocks = fields.blocks;
    this.atimeMs = fields.atimeMs;
    this.mtimeMs = fields.mtimeMs;
    this.ctimeMs = fields.ctimeMs;
    this.birthtimeMs = fields.birthtimeMs;
  }

  /** When the file was last read, as far as the file system keeps it. */
  get atime(): Date {
    return dateOf(this.atimeMs);
  }

  /** When its bytes last changed. */
  get mtime(): Date {
    return dateOf(this.mtimeMs);
  }

  /** When its bytes or its metadata last changed. */
  get ctime(): Date {
    return dateOf(this.ctimeMs);
  }

  /** When it was made, where the file system keeps it. */
  get birthtime(): Date {
    return dateOf(this.birthtimeMs);
  }

  isFile(): boolean {
    return this.#is(S_IFREG);
  }

  isDirectory(): boolean {
    return this.#is(S_IFDIR);
  }

  isSymbolicLink(): boolean {
    return this.#is(S_IFLNK);
  }

  isFIFO(): boolean {
    return this.#is(S_IFIFO);
  }

  isSocket(): boolean {
    return this.#is(S_IFSOCK);
  }

  isCharacterDevice(): boolean {
    return this.#is(S_IFCHR);
  }

  isBlockDevice(): boolean {
    return this.#is(S_IFBLK);
  }

  #is(type: number): boolean {
    return (this.mode & S_IFMT) === type;
  }
}

/** The numbers of {@link FileStats}, named as those of `fs.Stats`. */
export type FileStatsFields = {
  readonly [Name in keyof FileStats as FileStats[Name] extends number ? Name : never]: number;
};

/** Rounded to the nearest millisecond, as by `fs.Stats`. */
function dateOf(milliseconds: number): Date {
  return new Date(Math.round(milliseconds));
}
