import {
  accept4,
  bind,
  close,
  EPOLL_CTL_ADD,
  EPOLL_EVENT_WORDS,
  EPOLLIN,
  epollCreate,
  epollCtl,
  epollWait,
  getsockname,
  IPPROTO_TCP,
  LoopWatch,
  listen,
  setsockopt,
  socket,
  TCP_NODELAY,
  tryRecv,
  trySend,
} from '@polyring/sys';
import { endWithInput, sayReady, told } from './shared/serve.js';

// The limit of an echo server in JavaScript: system calls and nothing else; or with one promise a message that an
// async function of each connection awaits, as an API of promises cannot do without.

const LONGEST = 4096;
const EVENTS = 8;

const { promises } = told<{ promises: boolean }>();
const listener = socket('ipv4', 'stream');
bind(listener, { address: '127.0.0.1', port: 0 });
listen(listener, 4096);
const set = epollCreate();
const events = new Uint32Array(EVENTS * EPOLL_EVENT_WORDS);
const bytes = Buffer.alloc(LONGEST);

/** By descriptor, who is told that there is something to read. */
const readers: (() => void)[] = [];

function watch(fd: number, reader: () => void): void {
  readers[fd] = reader;
  epollCtl(set, EPOLL_CTL_ADD, fd, EPOLLIN, fd, 0);
}

function echoAtOnce(fd: number): void {
  const length = tryRecv(fd, bytes);
  if (length > 0) trySend(fd, bytes, 0, length);
  else close(fd);
}

async function echo(fd: number): Promise<void> {
  const own = Buffer.alloc(LONGEST);
  let resolve: (length: number) => void;
  watch(fd, () => resolve(tryRecv(fd, own)));
  for (;;) {
    const length = await new Promise<number>((settle) => {
      resolve = settle;
    });
    if (length <= 0) break;
    trySend(fd, own, 0, length);
  }
  close(fd);
}

function accept(): void {
  const fd = accept4(listener);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, true);
  if (promises) void echo(fd);
  else watch(fd, () => echoAtOnce(fd));
}

const settled = Promise.resolve();

function take(): void {
  const count = epollWait(set, events, EVENTS);
  for (let at = 0; at < count; at += 1) readers[events[at * EPOLL_EVENT_WORDS + 1] as number]?.();
  if (count === EVENTS) void settled.then(take);
}

watch(listener, accept);
new LoopWatch(set, take).hold();
sayReady({ port: (getsockname(listener) as { readonly port: number }).port });
endWithInput();
