import type { Case } from '../case.js';
import { cachedReads } from './cached-read.js';
import { custody } from './custody.js';
import { directRead } from './direct-read.js';
import { echoes } from './echo.js';
import { idleDriver } from './idle.js';
import { lateness } from './lateness.js';
import { manyTimers } from './many-timers.js';
import { nop } from './nop.js';
import { readiness } from './readiness.js';
import { start } from './start.js';
import { syncWrite } from './sync-write.js';
import { transfers } from './transfers.js';
import { trips } from './trips.js';
import { wakeUps } from './wakeups.js';

/** Every case, in the order of the report. */
export const CASES: readonly Case[] = [
  ...cachedReads,
  directRead,
  syncWrite,
  ...echoes,
  wakeUps,
  trips,
  lateness,
  ...manyTimers,
  readiness,
  nop,
  start,
  idleDriver,
];

/** Cases that explain others and have no targets. They run when they are named. */
export const EXTRA_CASES: readonly Case[] = [...custody, ...transfers];
