/** Does nothing and completes. Linux 5.1. */
export const IORING_OP_NOP = 0;
/** preadv2(2). Linux 5.1. */
export const IORING_OP_READV = 1;
/** pwritev2(2). Linux 5.1. */
export const IORING_OP_WRITEV = 2;
/** fsync(2), fdatasync(2). Linux 5.1. */
export const IORING_OP_FSYNC = 3;
/** pread(2) into a registered buffer. Linux 5.1. */
export const IORING_OP_READ_FIXED = 4;
/** pwrite(2) from a registered buffer. Linux 5.1. */
export const IORING_OP_WRITE_FIXED = 5;
/** poll(2) on one descriptor. Linux 5.1. */
export const IORING_OP_POLL_ADD = 6;
/** Ends or changes a POLL_ADD. Linux 5.1. */
export const IORING_OP_POLL_REMOVE = 7;
/** sync_file_range(2). Linux 5.2. */
export const IORING_OP_SYNC_FILE_RANGE = 8;
/** sendmsg(2). Linux 5.3. */
export const IORING_OP_SENDMSG = 9;
/** recvmsg(2). Linux 5.3. */
export const IORING_OP_RECVMSG = 10;
/** Completes after a time or a number of completions. Linux 5.4. */
export const IORING_OP_TIMEOUT = 11;
/** Ends or changes a TIMEOUT. Linux 5.5. */
export const IORING_OP_TIMEOUT_REMOVE = 12;
/** accept4(2). Linux 5.5. */
export const IORING_OP_ACCEPT = 13;
/** Cancels an operation in flight. Linux 5.5. */
export const IORING_OP_ASYNC_CANCEL = 14;
/** A timeout on the operation it is linked to. Linux 5.5. */
export const IORING_OP_LINK_TIMEOUT = 15;
/** connect(2). Linux 5.5. */
export const IORING_OP_CONNECT = 16;
/** fallocate(2). Linux 5.6. */
export const IORING_OP_FALLOCATE = 17;
/** openat(2). Linux 5.6. */
export const IORING_OP_OPENAT = 18;
/** close(2). Linux 5.6. */
export const IORING_OP_CLOSE = 19;
/** Changes the registered files. Linux 5.6. */
export const IORING_OP_FILES_UPDATE = 20;
/** statx(2). Linux 5.6. */
export const IORING_OP_STATX = 21;
/** pread(2), or read(2) at the file position. Linux 5.6. */
export const IORING_OP_READ = 22;
/** pwrite(2), or write(2) at the file position. Linux 5.6. */
export const IORING_OP_WRITE = 23;
/** posix_fadvise(2). Linux 5.6. */
export const IORING_OP_FADVISE = 24;
/** madvise(2). Linux 5.6. */
export const IORING_OP_MADVISE = 25;
/** send(2). Linux 5.6. */
export const IORING_OP_SEND = 26;
/** recv(2). Linux 5.6. */
export const IORING_OP_RECV = 27;
/** openat2(2). Linux 5.6. */
export const IORING_OP_OPENAT2 = 28;
/** epoll_ctl(2). Linux 5.6. */
export const IORING_OP_EPOLL_CTL = 29;
/** splice(2). Linux 5.7. */
export const IORING_OP_SPLICE = 30;
/** Gives the kernel buffers to select from. Linux 5.7. */
export const IORING_OP_PROVIDE_BUFFERS = 31;
/** Takes back what PROVIDE_BUFFERS gave. Linux 5.7. */
export const IORING_OP_REMOVE_BUFFERS = 32;
/** tee(2). Linux 5.8. */
export const IORING_OP_TEE = 33;
/** shutdown(2). Linux 5.11. */
export const IORING_OP_SHUTDOWN = 34;
/** renameat2(2). Linux 5.11. */
export const IORING_OP_RENAMEAT = 35;
/** unlinkat(2). Linux 5.11. */
export const IORING_OP_UNLINKAT = 36;
/** mkdirat(2). Linux 5.15. */
export const IORING_OP_MKDIRAT = 37;
/** symlinkat(2). Linux 5.15. */
export const IORING_OP_SYMLINKAT = 38;
/** linkat(2). Linux 5.15. */
export const IORING_OP_LINKAT = 39;
/** Posts a completion to another ring. Linux 5.18. */
export const IORING_OP_MSG_RING = 40;
/** fsetxattr(2). Linux 5.19. */
export const IORING_OP_FSETXATTR = 41;
/** setxattr(2). Linux 5.19. */
export const IORING_OP_SETXATTR = 42;
/** fgetxattr(2). Linux 5.19. */
export const IORING_OP_FGETXATTR = 43;
/** getxattr(2). Linux 5.19. */
export const IORING_OP_GETXATTR = 44;
/** socket(2). Linux 5.19. */
export const IORING_OP_SOCKET = 45;
/** A command of the file's own driver. Linux 5.19. */
export const IORING_OP_URING_CMD = 46;
/** send(2) without a copy. Linux 6.0. */
export const IORING_OP_SEND_ZC = 47;
/** sendmsg(2) without a copy. Linux 6.1. */
export const IORING_OP_SENDMSG_ZC = 48;
/** Reads again and again into provided buffers. Linux 6.7. */
export const IORING_OP_READ_MULTISHOT = 49;
/** waitid(2). Linux 6.7. */
export const IORING_OP_WAITID = 50;
/** Waits on a futex. Linux 6.7. */
export const IORING_OP_FUTEX_WAIT = 51;
/** Wakes the waiters of a futex. Linux 6.7. */
export const IORING_OP_FUTEX_WAKE = 52;
/** futex_waitv(2). Linux 6.7. */
export const IORING_OP_FUTEX_WAITV = 53;
/** Makes a descriptor of a registered file. Linux 6.8. */
export const IORING_OP_FIXED_FD_INSTALL = 54;
/** ftruncate(2). Linux 6.9. */
export const IORING_OP_FTRUNCATE = 55;
/** bind(2). Linux 6.11. */
export const IORING_OP_BIND = 56;
/** listen(2). Linux 6.11. */
export const IORING_OP_LISTEN = 57;
/** Receives into memory that the network card fills. Linux 6.15. */
export const IORING_OP_RECV_ZC = 58;
/** epoll_wait(2). Linux 6.15. */
export const IORING_OP_EPOLL_WAIT = 59;
/** preadv2(2) into registered buffers. Linux 6.15. */
export const IORING_OP_READV_FIXED = 60;
/** pwritev2(2) from registered buffers. Linux 6.15. */
export const IORING_OP_WRITEV_FIXED = 61;
/** pipe2(2). Linux 6.16. */
export const IORING_OP_PIPE = 62;

/** One operation of io_uring. */
export interface OpcodeInfo {
  /** Its name in the kernel's header, such as `IORING_OP_READ`. */
  readonly name: string;
  /** Its number. */
  readonly opcode: number;
  /** The Linux version that brought it, such as `5.6`. A distribution may have backported it or switched it off. */
  readonly since: string;
}

/**
 * The operations of `enum io_uring_op` in `<linux/io_uring.h>` up to Linux 6.18; the index is the opcode.
 * What the running kernel has is told by `ioUringProbe(opcode)` only. See io_uring_enter(2).
 */
export const OPCODES: readonly OpcodeInfo[] = [
  { name: 'IORING_OP_NOP', opcode: IORING_OP_NOP, since: '5.1' },
  { name: 'IORING_OP_READV', opcode: IORING_OP_READV, since: '5.1' },
  { name: 'IORING_OP_WRITEV', opcode: IORING_OP_WRITEV, since: '5.1' },
  { name: 'IORING_OP_FSYNC', opcode: IORING_OP_FSYNC, since: '5.1' },
  { name: 'IORING_OP_READ_FIXED', opcode: IORING_OP_READ_FIXED, since: '5.1' },
  { name: 'IORING_OP_WRITE_FIXED', opcode: IORING_OP_WRITE_FIXED, since: '5.1' },
  { name: 'IORING_OP_POLL_ADD', opcode: IORING_OP_POLL_ADD, since: '5.1' },
  { name: 'IORING_OP_POLL_REMOVE', opcode: IORING_OP_POLL_REMOVE, since: '5.1' },
  { name: 'IORING_OP_SYNC_FILE_RANGE', opcode: IORING_OP_SYNC_FILE_RANGE, since: '5.2' },
  { name: 'IORING_OP_SENDMSG', opcode: IORING_OP_SENDMSG, since: '5.3' },
  { name: 'IORING_OP_RECVMSG', opcode: IORING_OP_RECVMSG, since: '5.3' },
  { name: 'IORING_OP_TIMEOUT', opcode: IORING_OP_TIMEOUT, since: '5.4' },
  { name: 'IORING_OP_TIMEOUT_REMOVE', opcode: IORING_OP_TIMEOUT_REMOVE, since: '5.5' },
  { name: 'IORING_OP_ACCEPT', opcode: IORING_OP_ACCEPT, since: '5.5' },
  { name: 'IORING_OP_ASYNC_CANCEL', opcode: IORING_OP_ASYNC_CANCEL, since: '5.5' },
  { name: 'IORING_OP_LINK_TIMEOUT', opcode: IORING_OP_LINK_TIMEOUT, since: '5.5' },
  { name: 'IORING_OP_CONNECT', opcode: IORING_OP_CONNECT, since: '5.5' },
  { name: 'IORING_OP_FALLOCATE', opcode: IORING_OP_FALLOCATE, since: '5.6' },
  { name: 'IORING_OP_OPENAT', opcode: IORING_OP_OPENAT, since: '5.6' },
  { name: 'IORING_OP_CLOSE', opcode: IORING_OP_CLOSE, since: '5.6' },
  { name: 'IORING_OP_FILES_UPDATE', opcode: IORING_OP_FILES_UPDATE, since: '5.6' },
  { name: 'IORING_OP_STATX', opcode: IORING_OP_STATX, since: '5.6' },
  { name: 'IORING_OP_READ', opcode: IORING_OP_READ, since: '5.6' },
  { name: 'IORING_OP_WRITE', opcode: IORING_OP_WRITE, since: '5.6' },
  { name: 'IORING_OP_FADVISE', opcode: IORING_OP_FADVISE, since: '5.6' },
  { name: 'IORING_OP_MADVISE', opcode: IORING_OP_MADVISE, since: '5.6' },
  { name: 'IORING_OP_SEND', opcode: IORING_OP_SEND, since: '5.6' },
  { name: 'IORING_OP_RECV', opcode: IORING_OP_RECV, since: '5.6' },
  { name: 'IORING_OP_OPENAT2', opcode: IORING_OP_OPENAT2, since: '5.6' },
  { name: 'IORING_OP_EPOLL_CTL', opcode: IORING_OP_EPOLL_CTL, since: '5.6' },
  { name: 'IORING_OP_SPLICE', opcode: IORING_OP_SPLICE, since: '5.7' },
  { name: 'IORING_OP_PROVIDE_BUFFERS', opcode: IORING_OP_PROVIDE_BUFFERS, since: '5.7' },
  { name: 'IORING_OP_REMOVE_BUFFERS', opcode: IORING_OP_REMOVE_BUFFERS, since: '5.7' },
  { name: 'IORING_OP_TEE', opcode: IORING_OP_TEE, since: '5.8' },
  { name: 'IORING_OP_SHUTDOWN', opcode: IORING_OP_SHUTDOWN, since: '5.11' },
  { name: 'IORING_OP_RENAMEAT', opcode: IORING_OP_RENAMEAT, since: '5.11' },
  { name: 'IORING_OP_UNLINKAT', opcode: IORING_OP_UNLINKAT, since: '5.11' },
  { name: 'IORING_OP_MKDIRAT', opcode: IORING_OP_MKDIRAT, since: '5.15' },
  { name: 'IORING_OP_SYMLINKAT', opcode: IORING_OP_SYMLINKAT, since: '5.15' },
  { name: 'IORING_OP_LINKAT', opcode: IORING_OP_LINKAT, since: '5.15' },
  { name: 'IORING_OP_MSG_RING', opcode: IORING_OP_MSG_RING, since: '5.18' },
  { name: 'IORING_OP_FSETXATTR', opcode: IORING_OP_FSETXATTR, since: '5.19' },
  { name: 'IORING_OP_SETXATTR', opcode: IORING_OP_SETXATTR, since: '5.19' },
  { name: 'IORING_OP_FGETXATTR', opcode: IORING_OP_FGETXATTR, since: '5.19' },
  { name: 'IORING_OP_GETXATTR', opcode: IORING_OP_GETXATTR, since: '5.19' },
  { name: 'IORING_OP_SOCKET', opcode: IORING_OP_SOCKET, since: '5.19' },
  { name: 'IORING_OP_URING_CMD', opcode: IORING_OP_URING_CMD, since: '5.19' },
  { name: 'IORING_OP_SEND_ZC', opcode: IORING_OP_SEND_ZC, since: '6.0' },
  { name: 'IORING_OP_SENDMSG_ZC', opcode: IORING_OP_SENDMSG_ZC, since: '6.1' },
  { name: 'IORING_OP_READ_MULTISHOT', opcode: IORING_OP_READ_MULTISHOT, since: '6.7' },
  { name: 'IORING_OP_WAITID', opcode: IORING_OP_WAITID, since: '6.7' },
  { name: 'IORING_OP_FUTEX_WAIT', opcode: IORING_OP_FUTEX_WAIT, since: '6.7' },
  { name: 'IORING_OP_FUTEX_WAKE', opcode: IORING_OP_FUTEX_WAKE, since: '6.7' },
  { name: 'IORING_OP_FUTEX_WAITV', opcode: IORING_OP_FUTEX_WAITV, since: '6.7' },
  { name: 'IORING_OP_FIXED_FD_INSTALL', opcode: IORING_OP_FIXED_FD_INSTALL, since: '6.8' },
  { name: 'IORING_OP_FTRUNCATE', opcode: IORING_OP_FTRUNCATE, since: '6.9' },
  { name: 'IORING_OP_BIND', opcode: IORING_OP_BIND, since: '6.11' },
  { name: 'IORING_OP_LISTEN', opcode: IORING_OP_LISTEN, since: '6.11' },
  { name: 'IORING_OP_RECV_ZC', opcode: IORING_OP_RECV_ZC, since: '6.15' },
  { name: 'IORING_OP_EPOLL_WAIT', opcode: IORING_OP_EPOLL_WAIT, since: '6.15' },
  { name: 'IORING_OP_READV_FIXED', opcode: IORING_OP_READV_FIXED, since: '6.15' },
  { name: 'IORING_OP_WRITEV_FIXED', opcode: IORING_OP_WRITEV_FIXED, since: '6.15' },
  { name: 'IORING_OP_PIPE', opcode: IORING_OP_PIPE, since: '6.16' },
];

const PREFIX = 'IORING_OP_';

const SYSCALLS = OPCODES.map(({ name }) => name.slice(PREFIX.length).toLowerCase());

/** The name of an opcode, such as `IORING_OP_READ`; `IORING_OP_255` for one that is not known. */
export function opcodeName(opcode: number): string {
  return OPCODES[opcode]?.name ?? `${PREFIX}${opcode}`;
}

/** What errors of an operation carry as `syscall`: `read`, `read_fixed`, `poll_add`; `opcode_255` for one not known. */
export function opcodeSyscall(opcode: number): string {
  return SYSCALLS[opcode] ?? `opcode_${opcode}`;
}
