export { createPollDriver } from './driver.js';
export { pollBackend, pollBackend as default } from './factory.js';
