import { PACKAGE_ROOT } from '../package-root.js';
import type { AddonError } from './addon-error.js';
import { loadAddon } from './load-addon.js';

/** A started watch inside the addon. */
export interface NativeLoopWatch {
  readonly native: 'LoopWatch';
}

/**
 * The addon's calls. They check no argument but a view's range, and answer with the
 * negative error number where the kernel refuses.
 */
export interface Binding {
  isDetached(buffer: ArrayBufferLike): boolean;
  misalignment(view: ArrayBufferView, alignment: number): number;

  read(fd: number, view: ArrayBufferView, offset: number, length: number): number;
  write(fd: number, view: ArrayBufferView, offset: number, length: number): number;
  close(fd: number): number;
  own(fd: number): void;
  disown(fd: number): void;
  dup(fd: number): number;
  reopen(fd: number, flags: number): number;
  getFlags(fd: number): number;
  setFlags(fd: number, flags: number): number;
  fileType(fd: number): number;
  socketType(fd: number): number;

  eventfd(initial: number, semaphore: boolean, nonblock: boolean): number;
  timerfd(nonblock: boolean, owned: boolean): number;
  timerfdSettime(
    fd: number,
    seconds: number,
    nanoseconds: number,
    intervalSeconds: number,
    intervalNanoseconds: number,
  ): number;
  pipe2(nonblock: boolean, direct: boolean): [number, number] | number;
  tee(from: number, to: number, length: number): number;
  socketpair(type: number, nonblock: boolean): [number, number] | number;

  epollCreate(owned: boolean): number;
  epollCtl(epfd: number, op: number, fd: number, events: number, dataLow: number, dataHigh: number): number;
  epollWait(epfd: number, events: Uint32Array, maxEvents: number, timeoutMs: number): number;

  poll(entries: Int32Array, seconds: number, nanoseconds: number): number;

  socket(family: number, type: number, protocol: number, nonblock: boolean): number;
  bind(fd: number, address: Uint8Array): number;
  listen(fd: number, backlog: number): number;
  accept4(fd: number, nonblock: boolean): number;
  acceptWithAddress(fd: number, nonblock: boolean, address: Uint8Array): [fd: number, addressLength: number] | number;
  connect(fd: number, address: Uint8Array): number;
  getsockname(fd: number, address: Uint8Array): number;
  getpeername(fd: number, address: Uint8Array): number;
  getsockopt(fd: number, level: number, name: number, value: ArrayBufferView): number;
  setsockopt(fd: number, level: number, name: number, value: ArrayBufferView): number;
  shutdown(fd: number, how: number): number;
  recv(fd: number, view: ArrayBufferView, offset: number, length: number, flags: number): number;
  send(fd: number, view: ArrayBufferView, offset: number, length: number, flags: number): number;

  readv(fd: number, views: readonly ArrayBufferView[]): number;
  writev(fd: number, views: readonly ArrayBufferView[]): number;
  sendmsg(
    fd: number,
    views: readonly ArrayBufferView[],
    address: Uint8Array,
    descriptors: Int32Array,
    flags: number,
  ): number;
  /** `outcome` receives the address's length, the flags, the count of descriptors, and as many of them as it has room for. */
  recvmsg(
    fd: number,
    views: readonly ArrayBufferView[],
    address: Uint8Array,
    outcome: Int32Array,
    flags: number,
  ): number;

  pidfdOpen(pid: number): number;
  pidfdSendSignal(fd: number, signal: number): number;
  pidfdWait(fd: number, reap: boolean): [exitCode: number, signal: number] | number;
  pidfdExitInfo(fd: number): [exitCode: number, signal: number] | number;

  openInPool(path: Uint8Array, flags: number, mode: number, callback: (result: number) => void): void;
  closeInPool(fd: number, callback: (result: number) => void): void;
  append(fd: number, view: ArrayBufferView, offset: number, length: number, callback: (result: number) => void): void;
  fallocate(fd: number, mode: number, offset: number, length: number, callback: (result: number) => void): void;
  fsync(fd: number, dataOnly: boolean, callback: (result: number) => void): void;

  inotifyInit(nonblock: boolean): number;
  inotifyAddWatch(fd: number, path: string, mask: number): number;
  inotifyRmWatch(fd: number, watch: number): number;

  signalfd(signals: readonly number[], nonblock: boolean): number;
  restoreSignals(signals: readonly number[]): number;

  memfdCreate(name: string, allowSealing: boolean): number;

  loopWatchStart(
    fd: number,
    events: number,
    callback: (events: number) => void,
    state: Int32Array,
    owned: Int32Array,
    busy: number,
  ): NativeLoopWatch | number;
  loopWatchReference(watch: NativeLoopWatch): void;
  loopWatchClose(watch: NativeLoopWatch): void;
}

type Loaded = { readonly binding: Binding } | { readonly error: AddonError };

function load(): Loaded {
  try {
    const root = process.env.POLYRING_SYS_ADDON_ROOT ?? PACKAGE_ROOT;
    return { binding: loadAddon<Binding>(root, 'polyring_sys', '@polyring/sys') };
  } catch (error) {
    return { error: error as AddonError };
  }
}

const loaded = load();

/** Why the addon could not be loaded; undefined if it was. Every call of this package throws it then. */
export const addonError: AddonError | undefined = 'error' in loaded ? loaded.error : undefined;

/** The addon. A copy, as V8 keeps the object of an addon as a dictionary, in which each call looks its function up. */
export const native: Binding =
  'error' in loaded
    ? new Proxy({} as Binding, {
        get() {
          throw loaded.error;
        },
      })
    : { ...loaded.binding };
