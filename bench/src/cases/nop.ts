import { type Case, limitedBy, ratio } from '../case.js';
import { onRing } from '../rivals/on-ring.js';
import { script } from '../rivals/script.js';
import { URING } from './names.js';

const DEPTH = 128;
const OWNERS = 'the same through ArcDriver(BoxDriver(driver))';
const BARE = 'a bare loop that writes SQEs';
const BARE_PROMISES = 'JavaScript, bare io_uring, a promise each';

/** What an operation costs that does nothing. */
export const nop: Case = {
  name: 'nop',
  title: 'NOP through ioUringSubmit, 128 in flight',
  about:
    'Every result is checked. The bare loop has no entry, no promise and no custody, and checks the order as well. With a ' +
    'promise each, and nothing else, it is the limit of a driver.',
  operation: 'NOP',
  measures: ['rate', 'cpu'],
  rivals: [
    script(URING, { script: 'nop-driver', options: { through: 'driver', depth: DEPTH } }),
    script(OWNERS, { script: 'nop-driver', options: { through: 'owners', depth: DEPTH } }),
    onRing(script(BARE, { script: 'nop-bare', options: { promises: false, depth: DEPTH } })),
    onRing(script(BARE_PROMISES, { script: 'nop-bare', options: { promises: true, depth: DEPTH } })),
  ],
  targets: [limitedBy(BARE_PROMISES, ratio('rate', '≥', 0.7, BARE)), ratio('cpu', '≤', 1.05, URING, OWNERS)],
  quick: true,
};
