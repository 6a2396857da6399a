export * from '@polyring/core';
export * from '@polyring/polled';
export { builtInBackends } from './built-in-backends.js';
export { type ConfigurationPlaces, loadConfiguration } from './config/load-configuration.js';
export { type CreateDriverOptions, createDriver, resolveRequest } from './create-driver.js';
