import { pollBackend } from 'polyring-backend-poll';
import { CallLog, countingBackend } from './counting-backend.js';

/** The backend on poll(2), with every call counted and timed. */
export default countingBackend(pollBackend, new CallLog());
