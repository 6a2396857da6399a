export { pollBackend, pollBackend as default } from './factory.js';
