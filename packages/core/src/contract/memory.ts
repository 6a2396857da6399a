/**
 * Memory that belongs to a driver and is lent to its user.
 *
 * An io_uring driver lends memory that the kernel may read and write in place and that
 * no JavaScript can take away; see `docs/safety.md`. A driver without a ring lends ordinary memory.
 */
export interface DriverMemory extends Disposable {
  /** The bytes. Its `buffer` is shared with other loans of the driver: never use it beyond this view. */
  readonly bytes: Buffer;

  /**
   * Gives the memory back. The driver reuses it once no operation uses it any more.
   * Giving back twice is no error. Operations on released memory are rejected with ERR_POLYRING_RELEASED.
   */
  release(): void;
}
