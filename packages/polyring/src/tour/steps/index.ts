import type { TourStep } from '../step.js';
import { fileCopy } from './file-copy/file-copy.js';

/** The tour's steps, in their order. */
export const TOUR_STEPS: readonly TourStep[] = [fileCopy];
