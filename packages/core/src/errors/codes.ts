/** Polyring's own error codes, each with what it means. System errors keep the kernel's codes. */
export const ERROR_CODES = {
  ERR_POLYRING_ADDON: 'A native addon is missing, or could not be loaded.',
  ERR_POLYRING_BACKEND_UNAVAILABLE: 'No backend could be used, or the one asked for could not.',
  ERR_POLYRING_BLOCKING_FD: 'A wait was asked of a descriptor that lacks O_NONBLOCK.',
  ERR_POLYRING_BUFFER_GONE: "The caller's buffer was detached or shrunk while the operation filled it.",
  ERR_POLYRING_CLOSED: 'The driver was closed.',
  ERR_POLYRING_CLOSE_TIMEOUT: 'The kernel did not let go of operations in time, and the driver ended without them.',
  ERR_POLYRING_CONFIG: 'A configuration value is not usable.',
  ERR_POLYRING_DETACHED: 'A buffer was given whose memory is gone already.',
  ERR_POLYRING_DISPOSED: 'The object was disposed.',
  ERR_POLYRING_ENTRY_IN_FLIGHT: 'The entry was submitted and has not completed.',
  ERR_POLYRING_IN_USE: 'It serves another use already, and has room for one.',
  ERR_POLYRING_MOVED: 'The driver was moved out of this box.',
  ERR_POLYRING_POOL_EXHAUSTED: "The driver's memory pool is at its limit.",
  ERR_POLYRING_RELEASED: 'The memory was given back to the driver.',
  ERR_POLYRING_REMOTE_GONE: 'The inbox behind a remote handle is not there any more.',
  ERR_POLYRING_RING_FAILED: 'The ring lost a completion or can no longer be entered.',
  ERR_POLYRING_SHORT_READ: 'A wait read fewer bytes than it asked for, or met the end of the stream.',
  ERR_POLYRING_TIMEOUT: 'The time that a call was given has passed.',
  ERR_POLYRING_UNSUPPORTED: 'The driver, or the kernel below it, cannot do this.',
} as const;

/** One of Polyring's own error codes. */
export type PolyringErrorCode = keyof typeof ERROR_CODES;
