import type { Entry } from '../../io-uring/entry.js';
import type { RawFd } from '../../values/raw-fd.js';
import type { PoolStatistics } from '../memory.js';
import type { BufferRing, BufferRingOptions } from './buffer-ring.js';
import type { IoUringFeatures } from './features.js';
import type { FileTable, FileTableOptions } from './file-table.js';
import type { CompletionSink, MultishotControl } from './multishot.js';
import type { Remote, RemoteHandle } from './remote.js';
import type { Sender, SendSink } from './sender.js';
import type { WorkerLimits } from './workers.js';

/** What a driver with a ring offers beyond single operations. */
export interface IoUringResources {
  /** What the kernel has. What it lacks is refused with ERR_POLYRING_UNSUPPORTED. */
  readonly features: IoUringFeatures;

  /** How the memory pool stands at the moment. */
  readonly pool: PoolStatistics;

  /**
   * Starts an operation that completes again and again, as `Driver.multishot`, for a sink: the form for
   * wrappers, which costs no promise a completion.
   *
   * @throws as `Driver.multishot`; ERR_INVALID_ARG_TYPE for what is no sink
   */
  multishotInto(entry: Entry, sink: CompletionSink): MultishotControl;

  /**
   * Makes what sends on a stream socket again and again, for a sink: the form for wrappers, which costs no object a
   * send. It holds nothing while no send is in flight.
   *
   * @param socket of type SOCK_STREAM
   * @throws ERR_POLYRING_UNSUPPORTED before Linux 6.1, which does not tell what a send that was cancelled had sent;
   * ERR_POLYRING_CLOSED; ERR_OUT_OF_RANGE, ERR_INVALID_ARG_TYPE
   */
  sender(socket: RawFd, sink: SendSink): Sender;

  /**
   * Makes a ring of buffers that the kernel selects from.
   *
   * @throws ERR_POLYRING_UNSUPPORTED; ERR_POLYRING_POOL_EXHAUSTED; ERR_POLYRING_CLOSED; ERR_OUT_OF_RANGE,
   * ERR_INVALID_ARG_TYPE; the system error of io_uring_register(2)
   */
  bufferRing(options?: BufferRingOptions): BufferRing;

  /**
   * Reaches an inbox of another driver, to wake its thread.
   *
   * @param handle what `Driver.remoteHandle` returned, or what came of it by `postMessage`
   * @throws ERR_POLYRING_REMOTE_GONE; ERR_POLYRING_UNSUPPORTED; ERR_POLYRING_CLOSED; ERR_INVALID_ARG_TYPE; EMFILE
   */
  remote(handle: RemoteHandle): Remote;

  /**
   * Makes the table of registered files.
   *
   * @throws ERR_POLYRING_IN_USE if there is one; ERR_POLYRING_UNSUPPORTED; ERR_POLYRING_CLOSED; ERR_OUT_OF_RANGE,
   * ERR_INVALID_ARG_TYPE; the system error of io_uring_register(2), such as EMFILE for more slots than RLIMIT_NOFILE
   */
  fileTable(options?: FileTableOptions): FileTable;

  /**
   * Limits the kernel's worker threads of the calling thread, as far as `limits` says so.
   *
   * @returns the limits that hold now
   * @throws ERR_POLYRING_UNSUPPORTED; ERR_POLYRING_CLOSED; ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
   */
  workerLimits(limits?: Partial<WorkerLimits>): WorkerLimits;

  /**
   * Has the kernel's worker threads of the calling thread run on these processors only; on all that the thread may use
   * for undefined. Workers that run already keep theirs; idle ones end after some seconds.
   *
   * @throws ERR_OUT_OF_RANGE for processors that the thread may not use, and for none; ERR_INVALID_ARG_TYPE;
   * ERR_POLYRING_UNSUPPORTED; ERR_POLYRING_CLOSED
   */
  workerAffinity(processors: readonly number[] | undefined): void;
}
