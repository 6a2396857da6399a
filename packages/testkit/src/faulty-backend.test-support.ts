import { join } from 'node:path';
import { temporaryDirectory } from '@polyring/test-support';

const EPOLL = JSON.stringify(import.meta.resolve('@polyring/backend-epoll'));

/** Statements that block the thread for good. */
export const BLOCK = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);';

/** The parts of a backend that tests put statements into. */
export interface Faults {
  /** When the module is imported. */
  readonly load?: string;
  /** When a driver is made. */
  readonly create?: string;
  /** When a timer is made, from the second of a process on: the first is the kit's, which uses each part once before. */
  readonly newTimer?: string;
  /** The last line of the module. The backend is `backend`. */
  readonly exporting?: string;
}

/** Writes a module with a backend on epoll that has faults. Returns its path. */
export function faultyBackend(faults: Faults): string {
  const { load = '', create = '', newTimer = '', exporting = 'export default backend;' } = faults;
  const folder = temporaryDirectory({
    'backend.mjs': `import { writeFileSync } from 'node:fs';
      import epoll from ${EPOLL};
      ${load}
      let isWarm = false;
      const backend = { ...epoll, name: 'faulty', create(options) {
        ${create}
        const driver = epoll.create(options);
        const newDynTimer = driver.newDynTimer.bind(driver);
        driver.newDynTimer = () => {
          if (isWarm) {
            ${newTimer}
          }
          isWarm = true;
          return newDynTimer();
        };
        return driver;
      } };
      ${exporting}`,
  });
  return join(folder, 'backend.mjs');
}
