import type { BackendFactory } from '@polyring/core';

/** A backend that is judged: its factory, and the module that a child process or a worker imports it from. */
export interface Subject {
  readonly factory: BackendFactory;
  /** The URL of a module that exports the factory as `default` or as `backend`. */
  readonly url: string;
}

/**
 * Imports a backend.
 *
 * @param url the URL of a module that exports a `BackendFactory` as `default` or as `backend`
 * @throws TypeError if the module exports none
 */
export async function loadSubject(url: string): Promise<Subject> {
  const module = (await import(url)) as Record<string, unknown>;
  for (const candidate of [module['default'], module['backend']]) {
    if (isFactory(candidate)) return { factory: candidate, url };
  }
  throw new TypeError(`${url} exports no BackendFactory: it must be the export "default" or "backend"`);
}

function isFactory(value: unknown): value is BackendFactory {
  return (
    typeof value === 'object' &&
    value !== null &&
    'create' in value &&
    typeof value.create === 'function' &&
    'name' in value &&
    typeof value.name === 'string'
  );
}
