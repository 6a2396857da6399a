import { invalidArgType } from '../errors/argument-error.js';
import type { BackendFactory } from './factory.js';

/** A backend whose code is loaded only when its turn comes. */
export interface DeferredBackend {
  /** The name that configuration uses. Same as the factory's. */
  readonly name: string;
  /** The rank. Same as the factory's. */
  readonly priority: number;
  /** Whether it stands on io_uring: the kill switch passes over such a backend without loading it. */
  readonly usesIoUring: boolean;
  /** Loads the factory. Rejects with the error that prevents it. */
  load(): Promise<BackendFactory>;
}

/** A backend in the form that selection takes: its factory, or how to load it. */
export type BackendSource = BackendFactory | DeferredBackend;

/** Whether a backend is still to be loaded. */
export function isDeferred(source: BackendSource): source is DeferredBackend {
  return 'load' in source && !('create' in source);
}

/** Whether a backend stands on io_uring, as far as it says without a driver. */
export function usesIoUring(source: BackendSource): boolean {
  return isDeferred(source) ? source.usesIoUring : source.minimumOpcodes.length > 0;
}

/** Whether a value has the form of a {@link BackendFactory}, for one that comes from somebody else's module. */
export function isBackendFactory(value: unknown): value is BackendFactory {
  if (typeof value !== 'object' || value === null) return false;
  const { name, priority, minimumOpcodes, availability, create } = value as Record<keyof BackendFactory, unknown>;
  return (
    typeof name === 'string' &&
    name !== '' &&
    typeof priority === 'number' &&
    !Number.isNaN(priority) &&
    Array.isArray(minimumOpcodes) &&
    typeof availability === 'function' &&
    typeof create === 'function'
  );
}

/**
 * Throws unless a value is a backend in one of its two forms.
 *
 * @throws ERR_INVALID_ARG_TYPE
 */
export function checkBackendSource(value: unknown, name: string): asserts value is BackendSource {
  if (isBackendFactory(value)) return;
  const { load, priority, name: label } = Object(value) as Record<keyof DeferredBackend, unknown>;
  if (typeof load === 'function' && typeof priority === 'number' && typeof label === 'string') return;
  throw invalidArgType(name, 'a BackendFactory', value);
}

/** The factory that a backend's module exports: `default`, or else `backend`. Undefined if it exports none. */
export function factoryOf(module: object): BackendFactory | undefined {
  const { default: first, backend: second } = module as { default?: unknown; backend?: unknown };
  return [first, second].find(isBackendFactory);
}
