import { AUTO, type Selection } from '@polyring/core';
import { createDriver } from '../create-driver.js';

/**
 * Opens the driver of the backend that `--backend` names, and no other: a tour of another one would not show what was
 * asked for. Without a name, it is the one that a program would get by configuration.
 *
 * @throws (rejects) as `createDriver`
 */
export function openDriver(backend: string | undefined): Promise<Selection> {
  return createDriver(backend === undefined || backend === AUTO ? { backend } : { backend, strict: true });
}
