export * from './flags/cancel.js';
export * from './flags/cqe.js';
export * from './flags/file-io.js';
export * from './flags/poll.js';
export * from './flags/socket.js';
export * from './flags/sqe.js';
export * from './flags/timeout.js';
