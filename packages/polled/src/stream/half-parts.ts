import type { ByteCalls } from '../transfer/byte-calls.js';
import type { Channel } from '../transfer/channel.js';
import type { ReadAhead } from '../transfer/read-ahead.js';

/** How a half meets its descriptor. */
export interface HalfParts {
  readonly channel: Channel<ReadAhead>;
  readonly calls: ByteCalls;
  /** Whether the bytes are a stream, so that fewer than there was room for are all there are. */
  readonly stream: boolean;
  /**
   * Whether a read of less than there was room for leaves no byte, but for what stands behind urgent data. Not so for
   * unix sockets, whose reads end where descriptors were sent, and for pipes, which may be of packets.
   */
  readonly shortReadsDrain: boolean;
}
