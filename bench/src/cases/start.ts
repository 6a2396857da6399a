import { uringBackend } from '@polyring/backend-uring';
import { type Case, difference } from '../case.js';
import { launch } from '../rivals/launch.js';

const BARE = 'bare Node.js';
const POLYRING = 'polyring and createDriver';
const BACKEND = '@polyring/backend-uring alone';

/** How long a program takes to start. */
export const start: Case = {
  name: 'start',
  title: 'Starting: import, and make a driver',
  about:
    'Whole processes, from their start to their end, with the packages as they are published. Each must say that it has its driver.',
  operation: 'start',
  measures: ['milliseconds'],
  rivals: [
    launch(POLYRING, 'launch-polyring'),
    launch(BACKEND, 'launch-uring', uringBackend),
    launch(BARE, 'launch-bare'),
  ],
  targets: [difference('milliseconds', '≤', 40, BARE), difference('milliseconds', '≤', 12, BARE, BACKEND)],
};
