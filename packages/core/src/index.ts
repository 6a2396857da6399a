import './values/dispose-symbols.js';

export * from './adapters/arc-driver.js';
export * from './adapters/box-driver.js';
export * from './adapters/driver-from.js';
export * from './adapters/forwarding-driver.js';
export * from './adapters/no-io-uring.js';
export * from './backend/activity.js';
export * from './backend/delivery.js';
export * from './backend/interest-set.js';
export * from './backend/loop-hold.js';
export * from './backend/ordinary-memory.js';
export * from './backend/send-entry.js';
export * from './backend/timer-queue.js';
export * from './backend/timer-set.js';
export * from './backend/waker-cell.js';
export * from './contract/check-driver.js';
export * from './contract/driver.js';
export * from './contract/fd-ready.js';
export * from './contract/io-uring/buffer-ring.js';
export * from './contract/io-uring/features.js';
export * from './contract/io-uring/file-table.js';
export * from './contract/io-uring/multishot.js';
export * from './contract/io-uring/remote.js';
export * from './contract/io-uring/resources.js';
export * from './contract/io-uring/sender.js';
export * from './contract/io-uring/submit.js';
export * from './contract/io-uring/workers.js';
export * from './contract/memory.js';
export * from './contract/reference.js';
export * from './contract/socket-ready.js';
export * from './contract/timer.js';
export * from './contract/version.js';
export * from './contract/wait.js';
export * from './errors/abort-error.js';
export * from './errors/address-details.js';
export * from './errors/argument-error.js';
export * from './errors/codes.js';
export * from './errors/errno.js';
export * from './errors/polyring-error.js';
export * from './errors/system-error.js';
export * from './errors/throw-uncaught.js';
export * from './errors/wait-error.js';
export * from './io-uring/attachment.js';
export * from './io-uring/builders/cancel.js';
export { MAXIMUM_TRANSFER, MAXIMUM_VECTORS } from './io-uring/builders/check.js';
export * from './io-uring/builders/epoll.js';
export * from './io-uring/builders/file-io.js';
export * from './io-uring/builders/file-range.js';
export * from './io-uring/builders/futex.js';
export * from './io-uring/builders/message.js';
export * from './io-uring/builders/msg-ring.js';
export * from './io-uring/builders/multishot.js';
export * from './io-uring/builders/nop.js';
export * from './io-uring/builders/open.js';
export type { DirectOptions, EntryOptions, RecvEntryOptions } from './io-uring/builders/options.js';
export type { DirectoryOptions, Path } from './io-uring/builders/path.js';
export * from './io-uring/builders/paths.js';
export * from './io-uring/builders/pipe.js';
export * from './io-uring/builders/poll.js';
export * from './io-uring/builders/provided-buffers.js';
export * from './io-uring/builders/registered-files.js';
export * from './io-uring/builders/send-receive.js';
export * from './io-uring/builders/socket.js';
export * from './io-uring/builders/socket-command.js';
export * from './io-uring/builders/splice.js';
export * from './io-uring/builders/statx.js';
export {
  linkTimeout,
  type TimeoutOptions,
  type TimeoutTime,
  timeout,
  timeoutRemove,
  timeoutUpdate,
} from './io-uring/builders/timeout.js';
export * from './io-uring/builders/waitid.js';
export * from './io-uring/builders/xattr.js';
export { Entry, type EntryFields, MemoryAccess } from './io-uring/entry.js';
export * from './io-uring/flags.js';
export * from './io-uring/multishot-iterator.js';
export * from './io-uring/opcodes.js';
export { type ControlMessage, MAXIMUM_MESSAGE_FDS } from './io-uring/results/control-message.js';
export { type EpollEvent, EpollEventsResult } from './io-uring/results/epoll-events.js';
export { MessageResult, type MessageResultOptions } from './io-uring/results/message-result.js';
export { PipeResult } from './io-uring/results/pipe-result.js';
export { SELECTED_MESSAGE_HEAD, SelectedMessage } from './io-uring/results/selected-message.js';
export { SocketAddressResult } from './io-uring/results/socket-address-result.js';
export { StatxResult } from './io-uring/results/statx-result.js';
export { type ChildState, WaitidResult } from './io-uring/results/waitid-result.js';
export * from './promises/abort-listeners.js';
export * from './promises/fd.js';
export * from './promises/timer.js';
export * from './promises/wait.js';
export * from './promises/waiter.js';
export {
  type BackendSource,
  checkBackendSource,
  type DeferredBackend,
  explainNoFactory,
  exportsOf,
  factoryOf,
  isBackendFactory,
} from './selection/backend-source.js';
export * from './selection/check-answer.js';
export * from './selection/configuration.js';
export * from './selection/explanation.js';
export * from './selection/factory.js';
export { type Environment, isUringDisabled, KILL_SWITCH, KILLED } from './selection/kill-switch.js';
export * from './selection/select-driver.js';
export { inspectBackend } from './selection/try-backend.js';
export * from './selection/unavailable-error.js';
export * from './values/file-mode.js';
export * from './values/instant.js';
export * from './values/milliseconds.js';
export * from './values/plain-path.js';
export * from './values/poll.js';
export * from './values/poll-events.js';
export * from './values/raw-fd.js';
export * from './values/socket-address.js';
export * from './values/socket-option.js';
export * from './values/socket-type.js';
export * from './values/view.js';
