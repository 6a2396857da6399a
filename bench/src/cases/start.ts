import { type Case, difference, limitedBy } from '../case.js';
import { launch, launchOneFile } from '../rivals/launch.js';
import { onRing } from '../rivals/on-ring.js';

const BARE = 'bare Node.js';
const POLYRING = 'polyring and createDriver';
const BACKEND = '@polyring/backend-uring alone';
const ONE_FILE = 'the backend in one file';

/** How long a program takes to start. */
export const start: Case = {
  name: 'start',
  title: 'Starting: import, and make a driver',
  about:
    'Whole processes, from their start to their end, with the packages as they are published. Each must say which driver it has. ' +
    'The one file is the limit of the backend alone: all that it uses of three packages, and nothing else to read.',
  operation: 'start',
  measures: ['milliseconds'],
  rivals: [
    // Without a ring it would have a driver of another backend, which is no other result but another subject.
    onRing(launch(POLYRING, 'launch-polyring', 'uring')),
    onRing(launch(BACKEND, 'launch-uring', 'uring')),
    onRing(launchOneFile(ONE_FILE, 'launch-uring', 'uring')),
    launch(BARE, 'launch-bare', 'bare'),
  ],
  targets: [
    difference('milliseconds', '≤', 40, BARE),
    limitedBy(ONE_FILE, difference('milliseconds', '≤', 12, BARE, BACKEND)),
  ],
};
