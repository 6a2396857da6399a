import { uringBackend } from '@polyring/backend-uring';
import { type Driver, PolyringError } from '@polyring/core';

/** A driver for the tour, and why it is this one. */
export interface OpenedDriver {
  readonly driver: Driver;
  /** One sentence; undefined if nothing was to choose. */
  readonly choice?: string;
}

/**
 * Opens the driver of the backend that `--backend` names.
 *
 * @throws ERR_POLYRING_BACKEND_UNAVAILABLE with the remedy
 */
export async function openDriver(backend: string): Promise<OpenedDriver> {
  if (backend !== 'auto' && backend !== 'uring') {
    throw new PolyringError(
      'ERR_POLYRING_BACKEND_UNAVAILABLE',
      `There is no backend "${backend}". Use "auto" or "uring".`,
    );
  }
  const availability = uringBackend.availability();
  if (!availability.available) {
    throw new PolyringError('ERR_POLYRING_BACKEND_UNAVAILABLE', `${availability.reason} ${availability.remedy}`);
  }
  return { driver: uringBackend.create() };
}
