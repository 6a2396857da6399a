/*
 * XATTR_* of `<sys/xattr.h>`. See setxattr(2).
 */

/** Fails with EEXIST if the attribute exists. Linux 2.4. */
export const XATTR_CREATE = 1;
/** Fails with ENODATA if the attribute does not exist. Linux 2.4. */
export const XATTR_REPLACE = 2;
