import { CallLog, countingBackend } from './counting-backend.js';
import { pollBackend } from './factory.js';

/** What was counted in this thread. */
export const log = new CallLog();

/** The backend on poll(2), with every call counted and timed. */
export const countingPollBackend = countingBackend(pollBackend, log);

export { CallLog, countingBackend } from './counting-backend.js';
export { countingPollBackend as default, pollBackend };
