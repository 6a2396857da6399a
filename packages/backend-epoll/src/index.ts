export { epollBackend, epollBackend as default } from './factory.js';
