export { createEpollDriver } from './driver.js';
export { epollBackend, epollBackend as default } from './factory.js';
