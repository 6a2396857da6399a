/*
 * Flags of OPENAT, OPENAT2 and PIPE that `fs.constants` lacks. See openat2(2).
 */

/** Close-on-exec. Every descriptor that a builder of this library makes has it. Linux 2.6.23. */
export const O_CLOEXEC = 0o2000000;

/** OPENAT2 does not leave the mount. Linux 5.6. */
export const RESOLVE_NO_XDEV = 0x01;
/** OPENAT2 refuses links such as those of /proc. Linux 5.6. */
export const RESOLVE_NO_MAGICLINKS = 0x02;
/** OPENAT2 refuses symbolic links. Linux 5.6. */
export const RESOLVE_NO_SYMLINKS = 0x04;
/** OPENAT2 does not leave the directory. Linux 5.6. */
export const RESOLVE_BENEATH = 0x08;
/** OPENAT2 takes the directory for the root. Linux 5.6. */
export const RESOLVE_IN_ROOT = 0x10;
/** OPENAT2 fails with EAGAIN rather than looking at the disk. Linux 5.12. */
export const RESOLVE_CACHED = 0x20;
