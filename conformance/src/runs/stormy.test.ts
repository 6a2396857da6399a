// timeout: 300
import { loadSubject } from '@polyring/testkit';
import { registerRules } from '@polyring/testkit/uvu';
import { test } from 'uvu';
import { refusedHere } from '../refused.js';

/** Races and batches of thousands, which the storm of the backend has its own of. */
const LONG = ['ring.signal-races', 'ring.cancel-races', 'ring.many-operations'];

/** The rest of the kit holds too, and takes half a minute more: what only meets the kernel by way of these. */
const MEETS_KERNEL = /^(readiness|wait|lifecycle\.close|remote|ring|operations|chains|multishot|buffers|files)/;

const subject = await loadSubject(`${import.meta.resolve('../subject.js')}?base=stormy`);

if (refusedHere(subject.factory)) test.run();
else registerRules(subject, { filter: ({ id }) => MEETS_KERNEL.test(id) && !LONG.includes(id) });
