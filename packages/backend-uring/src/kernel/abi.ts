/*
 * The kernel's io_uring interface as far as the backend itself uses it, named as in
 * include/uapi/linux/io_uring.h. Opcodes and flags of entries stand in @polyring/core.
 */

/** Go on submitting after an entry that is refused. Linux 5.18. */
export const IORING_SETUP_SUBMIT_ALL = 1 << 7;
/** Clamp sizes to what the kernel allows. Linux 5.6. */
export const IORING_SETUP_CLAMP = 1 << 4;
/** Run completion work when the task enters the kernel anyway, without an interrupt. Linux 5.19. */
export const IORING_SETUP_COOP_TASKRUN = 1 << 8;
/** Only one task submits. Linux 6.0. */
export const IORING_SETUP_SINGLE_ISSUER = 1 << 12;

/** Completions wait in the kernel for room in the CQ (SQ ring flags). Linux 5.8. */
export const IORING_SQ_CQ_OVERFLOW = 1 << 1;

/** Flush overflowed completions and run completion work (io_uring_enter(2)). */
export const IORING_ENTER_GETEVENTS = 1 << 0;

/** Ask which opcodes there are (io_uring_register(2)). Linux 5.6. */
export const IORING_REGISTER_PROBE = 8;
/** Register buffers, sparse ones as well. Linux 5.13, sparse 5.19. */
export const IORING_REGISTER_BUFFERS2 = 15;
/** Fill a part of the registered buffers. Linux 5.13. */
export const IORING_REGISTER_BUFFERS_UPDATE = 16;
/** The registered buffers start out empty. Linux 5.19. */
export const IORING_RSRC_REGISTER_SPARSE = 1 << 0;

/** Register files, sparse ones as well. Linux 5.13, sparse 5.19. */
export const IORING_REGISTER_FILES2 = 13;
/** Change a part of the registered files. Linux 5.5. */
export const IORING_REGISTER_FILES_UPDATE = 6;
/** The slots that the kernel chooses from. Linux 6.0. */
export const IORING_REGISTER_FILE_ALLOC_RANGE = 25;
/** The processors of worker threads, and all of them again. Linux 5.14. */
export const IORING_REGISTER_IOWQ_AFF = 17;
export const IORING_UNREGISTER_IOWQ_AFF = 18;
/** The most worker threads. Linux 5.15. */
export const IORING_REGISTER_IOWQ_MAX_WORKERS = 19;
/** Register a ring of provided buffers, and take it away. Linux 5.19. */
export const IORING_REGISTER_PBUF_RING = 22;
export const IORING_UNREGISTER_PBUF_RING = 23;
/** Ask for the state of a ring of provided buffers. Linux 6.8. */
export const IORING_REGISTER_PBUF_STATUS = 26;
/** 32-bit words of `struct io_uring_buf_status`: buf_group, head, resv[8]. */
export const BUF_STATUS_WORDS = 10;
/** The ring of buffers is the kernel's own memory. Linux 6.4. */
export const IOU_PBUF_RING_MMAP = 1 << 0;
/** Its buffers are filled bit by bit. Linux 6.12. */
export const IOU_PBUF_RING_INC = 1 << 1;

/** `features` of a ring. Came with Linux 6.3. */
export const IORING_FEAT_REG_REG_RING = 1 << 13;
/** `features` of a ring. Came with Linux 6.12. */
export const IORING_FEAT_MIN_TIMEOUT = 1 << 15;

/** `struct io_uring_probe`: 8 bytes of head with `ops_len` at 1, then 8 bytes an opcode with its flags at 2. */
export const PROBE_OPCODES = 256;
export const PROBE_HEAD_SIZE = 16;
export const PROBE_OPCODE_SIZE = 8;
/** The kernel supports the opcode. */
export const IO_URING_OP_SUPPORTED = 1 << 0;

/** 32-bit words of `struct io_uring_sqe`. */
export const SQE_WORDS = 16;
/** 32-bit words of `struct io_uring_buf`: addr, len, bid and resv. The ring's tail is the first one's `resv`. */
export const BUF_WORDS = 4;
/** 32-bit words of `struct io_uring_cqe`. */
export const CQE_WORDS = 4;
