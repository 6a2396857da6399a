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
} from '@polyring/sys';
import { BareBuffers, BareRing } from './shared/bare-ring.js';
import { endWithInput, sayReady, told } from './shared/serve.js';

// The limit of an echo server in JavaScript on io_uring: one operation for all that a connection receives, a copy into its
// own buffer, one promise a message that an async function of each connection awaits, a copy to send from, and one enter
// a tick for all that was sent in it. Nobody is told of the end of a send; or there is a second promise a message for
// that, as an API whose writes can fail cannot do without.

const LONGEST = 4096;
/** Bytes that a send has room for, and how many may be in flight. */
const SENT = 64;
const SENDS = 4096;
/** Completions that are told together, as the driver does. */
const TOGETHER = 32;
const ENOBUFS = -105;
/** RECV, IOSQE_BUFFER_SELECT, IORING_RECV_MULTISHOT. */
const RECEIVE = 27 | (1 << (8 + 5)) | (1 << (16 + 1));
const SEND = 26;
/** In the `user_data` of a send, beside its number. */
const IS_SEND = 1 << 30;
const CQE_F_BUFFER = 1 << 0;
const CQE_F_MORE = 1 << 1;
const CQE_BUFFER_SHIFT = 16;

const { sendsTold } = told<{ sendsTold: boolean }>();
const ring = await BareRing.open(1024, 4096);
const buffers = new BareBuffers(ring, 1024, LONGEST);
const sent = ring.memory(SENDS * SENT);
const sentBytes = Buffer.from(sent.bytes);
const freeSends = Array.from({ length: SENDS }, (_, number) => number);
const listener = socket('ipv4', 'stream');
bind(listener, { address: '127.0.0.1', port: 0 });
listen(listener, 4096);

/** By descriptor, who is told of what was received. */
const readers: ((bytes: Buffer | undefined) => void)[] = [];

/** By number of a send, who is told of its end. */
const writers: ((result: number) => void)[] = [];

let isBooked = false;

function submit(): void {
  isBooked = false;
  if (!ring.submit()) throw new Error('The kernel did not take everything');
  take();
}

function book(): void {
  if (!isBooked) process.nextTick(submit);
  isBooked = true;
}

function receive(fd: number): void {
  ring.push(RECEIVE, fd, 0, 0, 0, fd);
  book();
}

/** @returns the number of the send */
function send(fd: number, bytes: Buffer, length: number): number {
  const number = freeSends.pop();
  if (number === undefined || length > SENT) throw new Error('There is no room for what is to be sent');
  for (let i = 0; i < length; i += 1) sentBytes[number * SENT + i] = bytes[i] as number;
  ring.push(SEND, fd, sent.address + number * SENT, length, 0, IS_SEND | number);
  book();
  return number;
}

function endOf(sending: number): Promise<number> {
  return new Promise((settle) => {
    writers[sending] = settle;
  });
}

async function echo(fd: number): Promise<void> {
  const own = Buffer.alloc(LONGEST);
  let resolve: ((length: number) => void) | undefined;
  /** Length of what came while the end of a send was waited for. */
  let arrived: number | undefined;
  readers[fd] = (bytes) => {
    if (bytes !== undefined) own.set(bytes);
    const length = bytes === undefined ? 0 : bytes.length;
    if (resolve === undefined) arrived = length;
    else resolve(length);
    resolve = undefined;
  };
  receive(fd);
  for (;;) {
    const length =
      arrived ??
      (await new Promise<number>((settle) => {
        resolve = settle;
      }));
    arrived = undefined;
    if (length === 0) break;
    const sending = send(fd, own, length);
    if (sendsTold && (await endOf(sending)) < 0) break;
  }
  close(fd);
}

function completed(userData: number, result: number, flags: number): void {
  if ((userData & IS_SEND) === 0) {
    received(userData, result, flags);
    return;
  }
  const sending = userData & ~IS_SEND;
  freeSends.push(sending);
  if (sendsTold) writers[sending]?.(result);
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
  if (ring.reap(TOGETHER, completed) === TOGETHER) void settled.then(take);
}

new LoopWatch(listener, () => {
  const fd = accept4(listener);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, true);
  void echo(fd);
}).hold();
new LoopWatch(ring.native.fd, take).hold();
sayReady({ port: (getsockname(listener) as { readonly port: number }).port });
endWithInput();
