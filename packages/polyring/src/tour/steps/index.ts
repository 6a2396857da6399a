import type { TourStep } from '../step.js';
import { child } from './child/child.js';
import { echo } from './echo/echo.js';
import { fileCopy } from './file-copy/file-copy.js';
import { timers } from './timers/timers.js';
import { watch } from './watch/watch.js';
import { workerSignal } from './worker-signal/worker-signal.js';

/** The tour's steps, in their order. */
export const TOUR_STEPS: readonly TourStep[] = [fileCopy, echo, workerSignal, watch, child, timers];
