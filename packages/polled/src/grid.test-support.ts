import { existsSync } from 'node:fs';
import { epollBackend } from '@polyring/backend-epoll';
import { uringBackend } from '@polyring/backend-uring';
import { type BackendFactory, type Driver, factoryOf } from '@polyring/core';
import { suite, type Test } from 'uvu';

/** A third party's backend. It is no dependency, since it depends on what depends on this package. */
const EXAMPLE = new URL('../../../examples/poll-backend/dist/index.js', import.meta.url);

/** What each test is given: a driver of the backend that it runs on, closed after the test. */
export interface GridContext {
  readonly backend: string;
  driver: Driver;
}

/** The backends of this machine: both of ours, where they are available, and the example's. */
async function backends(): Promise<readonly BackendFactory[]> {
  const ours = [uringBackend, epollBackend].filter((backend) => backend.availability().available);
  return existsSync(EXAMPLE) ? [...ours, await exampleBackend()] : ours;
}

async function exampleBackend(): Promise<BackendFactory> {
  const backend = factoryOf(await import(EXAMPLE.href));
  if (backend === undefined) throw new Error(`${EXAMPLE.href} exports no backend.`);
  return backend;
}

/** A driver of a backend of the grid, for a process of its own. */
export async function createBackendDriver(name: string): Promise<Driver> {
  const backend = (await backends()).find((each) => each.name === name);
  if (backend === undefined) throw new Error(`There is no backend ${name} here.`);
  return backend.create();
}

/**
 * Runs the same tests on every backend. `define` adds them to the suite of one.
 *
 * @param except names of backends that cannot do it; the caller says why
 */
export async function onEveryBackend(
  subject: string,
  define: (test: Test<GridContext>) => void,
  except: readonly string[] = [],
): Promise<void> {
  for (const backend of await backends()) {
    if (except.includes(backend.name)) continue;
    const test = suite<GridContext>(`${subject} on ${backend.name}`);
    test.before.each((context) => {
      Object.assign(context, { backend: backend.name, driver: backend.create() });
    });
    // None, where it could not be made: a hook that throws keeps uvu from telling why.
    test.after.each(({ driver }) => driver?.close());
    define(test);
    test.run();
  }
}
