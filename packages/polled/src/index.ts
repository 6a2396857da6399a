export type { ProcessExit, SignalInfo, SignalName } from '@polyring/sys';
export * from './child/polled-child.js';
export type { ChunkOptions } from './file/chunks.js';
export type { CopyOptions } from './file/copy.js';
export * from './file/file-stats.js';
export * from './file/polled-file.js';
export type { FileRange } from './file/ranges.js';
export * from './pipe/polled-pipe.js';
export * from './signal/polled-signal.js';
export * from './socket/message-socket.js';
export type { BindOptions, SocketKind } from './socket/open-socket.js';
export * from './socket/polled-listener.js';
export * from './socket/polled-socket.js';
export * from './stream/polled-stream.js';
export { ReadHalf } from './stream/read-half.js';
export { WriteHalf } from './stream/write-half.js';
export type { CallOptions } from './transfer/call-options.js';
export type { RangeOptions } from './transfer/range.js';
export * from './watch/polled-watch.js';
export type {
  ChangeEvent,
  ChangeType,
  MoveEvent,
  OverflowEvent,
  UnmountEvent,
  WatchEvent,
  WatchedType,
} from './watch/watch-event.js';
