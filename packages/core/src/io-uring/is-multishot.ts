import type { Entry } from './entry.js';
import { IORING_POLL_ADD_MULTI } from './flags/poll.js';
import { IORING_ACCEPT_MULTISHOT, IORING_RECV_MULTISHOT } from './flags/socket.js';
import { IORING_TIMEOUT_MULTISHOT } from './flags/timeout.js';
import { IORING_URING_CMD_MULTISHOT } from './flags/uring-cmd.js';
import {
  IORING_OP_ACCEPT,
  IORING_OP_POLL_ADD,
  IORING_OP_READ_MULTISHOT,
  IORING_OP_RECV,
  IORING_OP_RECV_ZC,
  IORING_OP_RECVMSG,
  IORING_OP_TIMEOUT,
  IORING_OP_URING_CMD,
} from './opcodes.js';

type Test = (entry: Entry) => boolean;

/** What makes an operation complete more than once, by opcode. */
const TESTS: ReadonlyMap<number, Test> = new Map<number, Test>([
  [IORING_OP_POLL_ADD, ({ len }) => (len & IORING_POLL_ADD_MULTI) !== 0],
  [IORING_OP_RECV, ({ ioprio }) => (ioprio & IORING_RECV_MULTISHOT) !== 0],
  [IORING_OP_RECVMSG, ({ ioprio }) => (ioprio & IORING_RECV_MULTISHOT) !== 0],
  [IORING_OP_TIMEOUT, ({ opFlags }) => (opFlags & IORING_TIMEOUT_MULTISHOT) !== 0],
  [IORING_OP_ACCEPT, ({ ioprio }) => (ioprio & IORING_ACCEPT_MULTISHOT) !== 0],
  [IORING_OP_URING_CMD, ({ opFlags }) => (opFlags & IORING_URING_CMD_MULTISHOT) !== 0],
  [IORING_OP_READ_MULTISHOT, () => true],
  [IORING_OP_RECV_ZC, () => true],
]);

/** Whether an operation may complete more than once. */
export function isMultishot(entry: Entry): boolean {
  return TESTS.get(entry.opcode)?.(entry) ?? false;
}
