import { type BackendFactory, type Driver, Errno } from '@polyring/core';
import { createDriverOver } from '../../../packages/backend-uring/dist/driver.js';
import { uringBackend } from '../../../packages/backend-uring/dist/factory.js';
import { type Faults, faultyBinding } from '../../../packages/backend-uring/dist/storm/faulty-ring.test-support.js';
import { overlay } from './overlay.js';

/** How often each fault comes: at every n-th call. */
const EVERY = { EINTR: 3, EAGAIN: 7, EBUSY: 11, partial: 2, delayed: 5, reordered: 3 } as const;

/**
 * What a kernel may do at any time, done often and by count: enters that are interrupted, refused for now or take a part,
 * and completions that come late and in another order. At the end of a driver that has a `closeTimeout` it says nothing
 * any more.
 */
class BadWeather implements Faults {
  #enters = 0;
  #submits = 0;
  #shows = 0;
  #silent = false;

  refuseEnter(): number | undefined {
    this.#enters += 1;
    if (this.#enters % EVERY.EINTR === 0) return Errno.EINTR;
    if (this.#enters % EVERY.EAGAIN === 0) return Errno.EAGAIN;
    if (this.#enters % EVERY.EBUSY === 0) return Errno.EBUSY;
    return undefined;
  }

  take(toSubmit: number): number {
    this.#submits += 1;
    return this.#submits % EVERY.partial === 0 ? Math.ceil(toSubmit / 2) : toSubmit;
  }

  show(held: number): number | undefined {
    if (this.#silent) return undefined;
    this.#shows += 1;
    if (this.#shows % EVERY.delayed === 0) return undefined;
    return this.#shows % EVERY.reordered === 0 ? held - 1 : 0;
  }

  refuseRegister(): undefined {}

  refuseMemory(): undefined {}

  /** From now on the kernel says nothing. */
  fallSilent(): void {
    this.#silent = true;
  }
}

/** The backend on io_uring, unbroken, with things going wrong between it and the kernel. */
export const stormyBackend: BackendFactory = overlay(uringBackend, {
  create: (options): Driver => {
    const weather = new BadWeather();
    const driver = createDriverOver(faultyBinding(weather), options);
    if (options?.closeTimeout === undefined) return driver;
    const close = (): Promise<void> => {
      weather.fallSilent();
      return driver.close();
    };
    return overlay(driver, { close, [Symbol.asyncDispose]: close });
  },
});
