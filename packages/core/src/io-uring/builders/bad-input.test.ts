import { throws } from '@polyring/test-support';
import { test } from 'uvu';
import { EpollEventsResult } from '../results/epoll-events.js';
import { MessageResult } from '../results/message-result.js';
import { PipeResult } from '../results/pipe-result.js';
import { StatxResult } from '../results/statx-result.js';
import { WaitidResult } from '../results/waitid-result.js';
import { asyncCancel } from './cancel.js';
import { epollCtl, epollWait } from './epoll.js';
import { fsync, read, readvFixed } from './file-io.js';
import { fadvise, fallocate, ftruncate, madvise, syncFileRange } from './file-range.js';
import { futexWait, futexWaitv, futexWake } from './futex.js';
import { recvmsg, sendmsg } from './message.js';
import { msgRing } from './msg-ring.js';
import { acceptMultishot } from './multishot.js';
import { nop } from './nop.js';
import { openat, openat2 } from './open.js';
import { linkat, mkdirat, renameat, symlinkat, unlinkat } from './paths.js';
import { pipe } from './pipe.js';
import { pollUpdate } from './poll.js';
import { provideBuffers, removeBuffers } from './provided-buffers.js';
import { closeDirect, filesUpdate, fixedFdInstall } from './registered-files.js';
import { recv, recvZc, send, sendZc } from './send-receive.js';
import { accept, bind, connect, listen, shutdown, socket } from './socket.js';
import { getsockopt, setsockopt, socketInq } from './socket-command.js';
import { splice, tee } from './splice.js';
import { statx } from './statx.js';
import { linkTimeout, timeoutUpdate } from './timeout.js';
import { waitid } from './waitid.js';
import { fgetxattr, getxattr, setxattr } from './xattr.js';

const TYPE = 'ERR_INVALID_ARG_TYPE';
const RANGE = 'ERR_OUT_OF_RANGE';
const VALUE = 'ERR_INVALID_ARG_VALUE';
const bytes = Buffer.alloc(16);
const word = new Int32Array(1);
const wrong = null as never;
/** It cannot be made a string. */
const bare = Object.create(null) as never;

type Refusal = readonly [build: () => unknown, code: string, text: RegExp];

const REFUSALS: Readonly<Record<string, readonly Refusal[]>> = {
  paths: [
    [() => openat(5 as never, 0), TYPE, /"path"/],
    [() => openat('a\0b', 0), VALUE, /null bytes/],
    [() => openat('x'.repeat(4096), 0), RANGE, /"path\.length".*4095/],
    [() => openat(new URL('http://example.com'), 0), 'ERR_INVALID_URL_SCHEME', /scheme file/],
    [() => openat('x', -1), RANGE, /"flags"/],
    [() => openat('x', 'r' as never), TYPE, /"flags"/],
    [() => openat('x', 0, wrong), TYPE, /"options"/],
    [() => openat('x', 0, { dirfd: -1 }), RANGE, /"options\.dirfd"/],
    [() => openat('x', 0, { mode: 0o10000 }), RANGE, /"options\.mode"/],
    [() => openat('x', 0, { direct: 'any' as never }), VALUE, /"options\.direct".*'alloc'/],
    [() => openat('x', 0, { direct: wrong }), TYPE, /"options\.direct"/],
    [() => openat('x', 0, { direct: -1 }), RANGE, /"options\.direct"/],
    [() => openat2('x', 0, { resolve: -1 }), RANGE, /"options\.resolve"/],
    [() => openat2('x', 0n as never), TYPE, /"flags"/],
    [() => statx('x', {} as never), TYPE, /"result".*StatxResult/],
    [() => statx({ fd: -1 }, new StatxResult()), RANGE, /"fd"/],
    [() => statx('x', new StatxResult(), { mask: 2 ** 32 }), RANGE, /"options\.mask"/],
    [() => unlinkat(wrong), TYPE, /"path"/],
    [() => unlinkat('x', wrong), TYPE, /"options"/],
    [() => renameat('x', wrong), TYPE, /"newPath"/],
    [() => renameat('x', 'y', { oldDirfd: 0.5 }), RANGE, /"options\.oldDirfd"/],
    [() => renameat('x', 'y', { flags: -1 }), RANGE, /"options\.flags"/],
    [() => renameat('x', 'y', wrong), TYPE, /"options"/],
    [() => mkdirat('x', { mode: -1 }), RANGE, /"options\.mode"/],
    [() => symlinkat('\0', 'x'), VALUE, /"target"/],
    [() => linkat(wrong, 'x'), TYPE, /"oldPath"/],
    [() => linkat('x', 'y', { newDirfd: '3' as never }), TYPE, /"options\.newDirfd"/],
    [() => linkat('x', 'y', wrong), TYPE, /"options"/],
    [() => getxattr('x', '', bytes), RANGE, /"name"/],
    [() => getxattr('x', 'u'.repeat(256), bytes), RANGE, /255/],
    [() => fgetxattr(3, 'a\0', bytes), VALUE, /"name"/],
    [() => setxattr('x', 5 as never, bytes), TYPE, /"name"/],
    [() => setxattr('x', 'user.x', 'text' as never), TYPE, /"buffer"/],
    [() => setxattr('x', 'user.x', bytes, { flags: -1 }), RANGE, /"options\.flags"/],
  ],
  sockets: [
    [() => socket('ipx' as never, 'stream'), VALUE, /"family".*'ipv4'/],
    [() => socket('ipv4', 1 as never), TYPE, /"type"/],
    [() => socket(65_536 as never, 'stream'), RANGE, /"family"/],
    [() => acceptMultishot(3, { direct: 'any' as never }), VALUE, /"options\.direct".*'alloc'/],
    [() => socket('ipv4', 'stream', { protocol: -1 }), RANGE, /"options\.protocol"/],
    [() => bind(-1, { path: '' }), RANGE, /"fd"/],
    [() => bind(3, wrong), TYPE, /"address"/],
    [() => connect(3, { address: 'localhost', port: 1 }), RANGE, /literal/],
    [() => listen(3, -1), RANGE, /"backlog"/],
    [() => accept(3, wrong), TYPE, /"options"/],
    [() => accept(3, { peer: {} as never }), TYPE, /"options\.peer".*SocketAddressResult/],
    [() => shutdown(3, 'all' as never), VALUE, /'read', 'write', 'both'/],
    [() => recv(3, 'text' as never), TYPE, /"buffer"/],
    [() => recv(3, bytes, { flags: -1 }), RANGE, /"options\.flags"/],
    [() => send(3, bytes, wrong), TYPE, /"options"/],
    [() => send(3, bytes, { address: { path: 5 as never } }), TYPE, /"address\.path"/],
    [() => sendZc(-1, bytes), RANGE, /"fd"/],
    [() => recvZc(3, -1), RANGE, /"queue"/],
    [() => socketInq(-1), RANGE, /"fd"/],
    [() => getsockopt(3, 6, 1, bytes), RANGE, /"level".*SOL_SOCKET/],
    [() => getsockopt(3, 1, 26, bytes), RANGE, /"name".*SO_GET_FILTER/],
    [() => getsockopt(3, bare, 1, bytes), RANGE, /"level".*an instance of Object/],
    [() => setsockopt(3, 1, -1, bytes), RANGE, /"name"/],
    [() => setsockopt(3, 1, 1, 5 as never), TYPE, /"buffer"/],
  ],
  messages: [
    [() => sendmsg(3, wrong), TYPE, /"message"/],
    [() => sendmsg(3, { buffers: [] }), RANGE, /"message\.buffers\.length"/],
    [() => sendmsg(3, { buffers: ['x' as never] }), TYPE, /"message\.buffers\[0\]"/],
    [() => sendmsg(3, { buffers: [bytes], fds: [-1] }), RANGE, /"message\.fds\[0\]"/],
    [() => sendmsg(3, { buffers: [bytes], fds: new Array(254).fill(1) }), RANGE, /"message\.fds\.length"/],
    [() => sendmsg(3, { buffers: [bytes], control: wrong }), TYPE, /"message\.control"/],
    [
      () => sendmsg(3, { buffers: [bytes], control: [{ level: 1, type: 1, data: [] as never }] }),
      TYPE,
      /"message\.control\[0\]\.data"/,
    ],
    [() => sendmsg(3, { buffers: [bytes], control: [wrong] }), TYPE, /"message\.control\[0\]"/],
    [() => recvmsg(3, [bytes], {} as never), TYPE, /MessageResult/],
    [() => recvmsg(3, wrong, new MessageResult()), TYPE, /"buffers"/],
    [() => new MessageResult(wrong), TYPE, /"options"/],
    [() => new MessageResult({ maximumFds: 254 }), RANGE, /"options\.maximumFds"/],
    [() => new MessageResult({ controlLength: -1 }), RANGE, /"options\.controlLength"/],
  ],
  files: [
    [() => read(3, bytes, 0, wrong), TYPE, /"options"/],
    [() => fsync(3, wrong), TYPE, /"options"/],
    [() => readvFixed(3, []), RANGE, /"vectors\.length"/],
    [() => fallocate(3, -1, 1), RANGE, /"offset"/],
    [() => fallocate(3, 0, 0), RANGE, /"length"/],
    [() => fallocate(3, 0, 1, { mode: -1 }), RANGE, /"options\.mode"/],
    [() => ftruncate(3, -1), RANGE, /"length"/],
    [() => ftruncate(3, '5' as never), TYPE, /"length"/],
    [() => syncFileRange(3, 0, 2 ** 32, 0), RANGE, /"length"/],
    [() => fadvise(3, 0, 0, -1), RANGE, /"advice"/],
    [() => madvise(bytes, 4), RANGE, /"advice"/],
    [() => madvise(bytes, 102), RANGE, /"advice"/],
    [() => madvise(bytes, bare), TYPE, /"advice".*an instance of Object/],
    [() => splice(-1, 3, 1), RANGE, /"fdIn"/],
    [() => splice(3, -1, 1), RANGE, /"fdOut"/],
    [() => splice(3, 4, 1, { offsetIn: -2 }), RANGE, /"options\.offsetIn"/],
    [() => splice(3, 4, 1, { offsetOut: 0.5 }), RANGE, /"options\.offsetOut"/],
    [() => tee(3, 4, -1), RANGE, /"length"/],
    [() => tee(3, 4, 1, { flags: -1 }), RANGE, /"options\.flags"/],
  ],
  waits: [
    [() => epollCtl(-1, 'add', 3), RANGE, /"epfd"/],
    [() => epollCtl(3, 'remove' as never, 4), VALUE, /'delete'/],
    [() => epollCtl(3, 'add', 4, { events: 1, data: 5 as never }), TYPE, /"event\.data"/],
    [() => epollCtl(3, 'add', 4, { events: 1, data: -1n }), RANGE, /"event\.data"/],
    [() => epollWait(3, {} as never), TYPE, /EpollEventsResult/],
    [() => epollWait(3, new EpollEventsResult(4), 5), RANGE, /"maximum"/],
    [() => new EpollEventsResult(0), RANGE, /"capacity"/],
    [() => new EpollEventsResult(2).take(3), RANGE, /"count"/],
    [() => futexWait(bytes as never, 0), TYPE, /"word"/],
    [() => futexWait(new Int32Array(0), 0), RANGE, /"word\.length"/],
    [() => futexWait(word, 2 ** 32), RANGE, /"expected"/],
    [() => futexWait(word, 0, { mask: 0 }), RANGE, /"options\.mask"/],
    [() => futexWake(word, -1), RANGE, /"count"/],
    [() => futexWaitv([]), RANGE, /"waiters\.length"/],
    [() => futexWaitv([wrong]), TYPE, /"waiters\[0\]"/],
    [() => futexWaitv(new Array(1)), TYPE, /"waiters\[0\]"/],
    [() => futexWaitv([{ word: wrong, expected: 0 }]), TYPE, /"waiters\[0\]\.word"/],
    [() => waitid(wrong, new WaitidResult()), TYPE, /"target"/],
    [() => waitid('any' as never, new WaitidResult()), VALUE, /"target"/],
    [() => waitid({ pid: 0 }, new WaitidResult()), RANGE, /"target\.pid"/],
    [() => waitid({ pidfd: -1 }, new WaitidResult()), RANGE, /"target\.pidfd"/],
    [() => waitid('all', {} as never), TYPE, /WaitidResult/],
    [() => linkTimeout(-1), RANGE, /"time"/],
    [() => timeoutUpdate({} as never, 1), TYPE, /"target"/],
    [() => timeoutUpdate(nop(), NaN), RANGE, /"time"/],
    [() => pollUpdate(nop(), -1), RANGE, /"events"/],
  ],
  resources: [
    [() => provideBuffers(bytes, -1), RANGE, /"group"/],
    [() => provideBuffers(bytes, 1, wrong), TYPE, /"options"/],
    [() => provideBuffers(bytes, 1, { count: 3 }), RANGE, /multiple of 3/],
    [() => provideBuffers(new Uint8Array(0), 1), RANGE, /"buffer\.byteLength"/],
    [() => provideBuffers(bytes, 1, { count: 2, firstId: 65_535 }), RANGE, /"options\.firstId"/],
    [() => removeBuffers(1, 0), RANGE, /"count"/],
    [() => filesUpdate([3] as never), TYPE, /"fds"/],
    [() => filesUpdate(new Int32Array(0)), RANGE, /"fds\.length"/],
    [() => filesUpdate(word, -1), RANGE, /"first"/],
    [() => filesUpdate(word, 'any' as never), VALUE, /"first".*'alloc'/],
    [() => filesUpdate(word, wrong), TYPE, /"first"/],
    [() => fixedFdInstall(-1), RANGE, /"slot"/],
    [() => closeDirect('1' as never), TYPE, /"slot"/],
    [() => msgRing(-1, 0), RANGE, /"ringFd"/],
    [() => msgRing(3, 2 ** 32), RANGE, /"result"/],
    [() => msgRing(3, 0, 2 ** 31), RANGE, /"userData"/],
    [() => pipe({} as never), TYPE, /PipeResult/],
    [() => pipe(new PipeResult(), wrong), TYPE, /"options"/],
  ],
};

/** Options that are true or false, each with an entry that takes it. */
const FLAGS: Readonly<Record<string, (options: object) => unknown>> = {
  async: (options) => read(3, bytes, 0, options),
  fixedFile: (options) => recv(3, bytes, options),
  pollFirst: (options) => recv(3, bytes, options),
  registered: (options) => sendZc(3, bytes, options),
  nonblock: (options) => acceptMultishot(3, options),
  dontWait: (options) => accept(3, options),
  packets: (options) => pipe(new PipeResult(), options),
  directory: (options) => unlinkat('x', options),
  follow: (options) => linkat('x', 'y', options),
  emptyPath: (options) => linkat('x', 'y', options),
  dataSync: (options) => fsync(3, options),
  fixedFileIn: (options) => splice(3, 4, 1, options),
  cloexec: (options) => fixedFdInstall(3, options),
  exited: (options) => waitid('all', new WaitidResult(), options),
  stopped: (options) => waitid('all', new WaitidResult(), options),
  continued: (options) => waitid('all', new WaitidResult(), options),
  nohang: (options) => waitid('all', new WaitidResult(), options),
  nowait: (options) => waitid('all', new WaitidResult(), options),
  all: (options) => asyncCancel({ fd: 3, ...options }),
};

for (const [family, refusals] of Object.entries(REFUSALS)) {
  test(`entries of ${family} refuse wrong arguments and name them`, () => {
    for (const [build, code, text] of refusals) throws(build, code, text);
  });
}

test('an option that is to be true or false is nothing else, and may be undefined', () => {
  for (const [name, build] of Object.entries(FLAGS)) {
    for (const value of [true, false, undefined]) build({ [name]: value });
    for (const value of ['no', 1, 0, null, bare]) throws(() => build({ [name]: value }), TYPE, new RegExp(name));
  }
});

test.run();
