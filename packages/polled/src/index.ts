export * from './signal/polled-signal.js';
