/**
 * How many threads the kernel may start for operations that block. They are counted per thread of the process, whose
 * rings share them. See io_uring_register(2), IORING_REGISTER_IOWQ_MAX_WORKERS.
 */
export interface WorkerLimits {
  /** For work that ends in bounded time, such as reads of regular files. */
  readonly bounded: number;
  /** For work that may take for ever, such as reads of sockets. */
  readonly unbounded: number;
}
