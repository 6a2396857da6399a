export { uringBackend, uringBackend as default } from './factory.js';
