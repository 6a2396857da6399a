import {
  accept4,
  bind,
  close,
  getsockname,
  IPPROTO_TCP,
  LoopWatch,
  listen,
  setsockopt,
  socket,
  TCP_NODELAY,
  trySend,
} from '@polyring/sys';
import { BareBuffers, BareRing } from './bare-ring.js';
import { endWithInput, say } from './serve.js';

// The limit of an echo server in JavaScript that receives by completions: one operation for all that a connection
// receives, a copy into its own buffer, one promise a message that an async function of each connection awaits, send.

const LONGEST = 4096;
/** Completions that are told together, as the driver does. */
const TOGETHER = 8;
const ENOBUFS = -105;
/** RECV, IOSQE_BUFFER_SELECT, IORING_RECV_MULTISHOT. */
const RECEIVE = 27 | (1 << (8 + 5)) | (1 << (16 + 1));
const CQE_F_BUFFER = 1 << 0;
const CQE_F_MORE = 1 << 1;
const CQE_BUFFER_SHIFT = 16;

const ring = await BareRing.open(1024, 4096);
const buffers = new BareBuffers(ring, 1024, LONGEST);
const listener = socket('ipv4', 'stream');
bind(listener, { address: '127.0.0.1', port: 0 });
listen(listener, 4096);

/** By descriptor, who is told of what was received. */
const readers: ((bytes: Buffer | undefined) => void)[] = [];

function receive(fd: number): void {
  ring.push(RECEIVE, fd, 0, fd);
  if (!ring.submit()) throw new Error('The kernel took no receive');
}

async function echo(fd: number): Promise<void> {
  const own = Buffer.alloc(LONGEST);
  let resolve: (length: number) => void;
  readers[fd] = (bytes) => {
    if (bytes !== undefined) own.set(bytes);
    resolve(bytes === undefined ? 0 : bytes.length);
  };
  receive(fd);
  for (;;) {
    const length = await new Promise<number>((settle) => {
      resolve = settle;
    });
    if (length === 0) break;
    trySend(fd, own, 0, length);
  }
  close(fd);
}

function received(fd: number, result: number, flags: number): void {
  if ((flags & CQE_F_BUFFER) !== 0) {
    const id = flags >>> CQE_BUFFER_SHIFT;
    readers[fd]?.(buffers.bytes(id, result));
    buffers.give(id);
  } else if (result !== ENOBUFS) {
    readers[fd]?.(undefined);
    return;
  }
  if ((flags & CQE_F_MORE) === 0) receive(fd);
}

const settled = Promise.resolve();

function take(): void {
  if (ring.reap(TOGETHER, received) === TOGETHER) void settled.then(take);
}

new LoopWatch(listener, () => {
  const fd = accept4(listener);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, true);
  void echo(fd);
}).hold();
new LoopWatch(ring.native.fd, take).hold();
say({ port: (getsockname(listener) as { readonly port: number }).port });
endWithInput();
