/**
 * Who is told of sends directly from the driver's drain, without a promise for each. An error thrown here becomes an
 * uncaught exception, and the drain goes on.
 */
export interface SendSink {
  /**
   * A send is over; the next may be started here.
   *
   * @param result the bytes sent, fewer than were given where it was cancelled between; or a negative error number of
   * send(2), -ECANCELED if it was cancelled before a byte went
   */
  sent(result: number): void;
  /** A send is over with the driver, which cannot tell what was sent: its ring failed, or it was given up. */
  failed(error: Error): void;
}

/**
 * Sends copies of bytes on one stream socket, one send after the other.
 *
 * The copy is in memory of the driver until the send is over, so the bytes given are the caller's again at once. A
 * send in flight keeps the process alive, and the descriptor open in the kernel: close it after the send is over.
 */
export interface Sender {
  /** Whether a send is in flight. */
  readonly inFlight: boolean;
  /** Whether a send now is likely to be handed to the kernel together with others, so that it costs no call of its own. */
  readonly together: boolean;
  /**
   * Starts a send. It is handed to the kernel when the current tick's JavaScript has run, together with whatever else
   * was queued in it.
   *
   * @param view whose bytes are sent, `length` from `offset`; at least one
   * @param whole whether it is over when all was sent, and not when some was
   * @throws ERR_POLYRING_ENTRY_IN_FLIGHT while a send is in flight; ERR_POLYRING_DETACHED for bytes that are not there;
   * ERR_POLYRING_POOL_EXHAUSTED; ERR_POLYRING_CLOSED, ERR_POLYRING_RING_FAILED; ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
   */
  send(view: ArrayBufferView, offset: number, length: number, whole: boolean): void;
  /**
   * Hands the send in flight to the kernel now: what the socket has room for has been sent on return.
   *
   * @returns what the send is over with by that, if the driver sees it already. Its sink is told of it later, as ever
   */
  flush(): number | undefined;
  /** Ends the send in flight. The sink is told what was sent. */
  cancel(): void;
}
