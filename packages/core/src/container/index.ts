export * from 'inversify';
export { backendModule } from './backend-module.js';
export { DriverContainer } from './driver-container.js';
export { type Configure, driverModule } from './driver-module.js';
export { BACKEND, DRIVER, SELECTION } from './tokens.js';
