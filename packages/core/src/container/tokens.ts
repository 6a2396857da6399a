import type { ServiceIdentifier } from 'inversify';
import type { Driver } from '../contract/driver.js';
import type { BackendSource } from '../selection/backend-source.js';
import type { Selection } from '../selection/select-driver.js';

/*
 * The symbols are registered, so that two installed copies of this package agree on them.
 */

/** A backend to choose from. Bound once for each backend, unnamed: a multiple injection does not see named bindings. */
export const BACKEND: ServiceIdentifier<BackendSource> = Symbol.for('polyring.Backend');

/** The driver that was selected. To be had by `getAsync`. */
export const DRIVER: ServiceIdentifier<Driver> = Symbol.for('polyring.Driver');

/** The driver that was selected, and why it is this one. To be had by `getAsync`. */
export const SELECTION: ServiceIdentifier<Selection> = Symbol.for('polyring.Selection');
