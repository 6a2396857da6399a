import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { PolyringError } from '@polyring/core';

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

  read(fd: number, view: ArrayBufferView, offset: number, length: number): number;
  write(fd: number, view: ArrayBufferView, offset: number, length: number): number;
  close(fd: number): number;
  dup(fd: number): number;
  getFlags(fd: number): number;
  setFlags(fd: number, flags: number): number;
  fileType(fd: number): number;
  socketType(fd: number): number;

  eventfd(initial: number, semaphore: boolean, nonblock: boolean): number;
  timerfd(nonblock: boolean): number;
  timerfdSettime(
    fd: number,
    seconds: number,
    nanoseconds: number,
    intervalSeconds: number,
    intervalNanoseconds: number,
  ): number;
  pipe2(nonblock: boolean, direct: boolean): [number, number] | number;
  socketpair(type: number, nonblock: boolean): [number, number] | number;

  epollCreate(): number;
  epollCtl(epfd: number, op: number, fd: number, events: number, dataLow: number, dataHigh: number): number;
  epollWait(epfd: number, events: Uint32Array, maxEvents: number, timeoutMs: number): number;

  loopWatchStart(
    fd: number,
    events: number,
    callback: (events: number) => void,
    state: Int32Array,
    owned: Int32Array,
  ): NativeLoopWatch | number;
  loopWatchReference(watch: NativeLoopWatch): void;
  loopWatchClose(watch: NativeLoopWatch): void;
}

function load(): Binding | PolyringError {
  try {
    const require = createRequire(import.meta.url);
    const find = require('node-gyp-build') as (root: string) => Binding;
    return find(process.env.POLYRING_SYS_ADDON_ROOT ?? fileURLToPath(new URL('..', import.meta.url)));
  } catch (cause) {
    return new PolyringError(
      'ERR_POLYRING_ADDON',
      `The native addon of @polyring/sys could not be loaded: ${cause instanceof Error ? cause.message : String(cause)}. ` +
        'If it was not built, install a C++17 compiler, make and python 3 and run "npm rebuild @polyring/sys". ' +
        'If addons are refused, run node without --no-addons and, under the permission model, with --allow-addons.',
      { cause },
    );
  }
}

const loaded = load();

/** Why the addon could not be loaded; undefined if it was. Every call of this package throws it then. */
export const addonError: PolyringError | undefined = loaded instanceof PolyringError ? loaded : undefined;

/** The addon. */
export const native: Binding =
  loaded instanceof PolyringError
    ? new Proxy({} as Binding, {
        get() {
          throw loaded;
        },
      })
    : loaded;
