import { type BackendFactory, explainNoFactory, factoryOf } from '@polyring/core';

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
  const module = (await import(url)) as object;
  const factory = factoryOf(module);
  if (factory !== undefined) return { factory, url };
  throw new TypeError(`${url} is no backend. ${explainNoFactory(module)}`);
}
