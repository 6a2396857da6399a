import { FileMode } from '@polyring/core';

/** What is known of a file, as `fs.Stats` tells it. */
export class FileStats extends FileMode {
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
    super();
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
}

/** The numbers of {@link FileStats}, named as those of `fs.Stats`. */
export type FileStatsFields = {
  readonly [Name in keyof FileStats as FileStats[Name] extends number ? Name : never]: number;
};

/** Rounded to the nearest millisecond, as by `fs.Stats`. */
function dateOf(milliseconds: number): Date {
  return new Date(Math.round(milliseconds));
}
