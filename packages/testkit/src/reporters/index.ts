import { json } from './json.js';
import { junit } from './junit.js';
import { markdown } from './markdown.js';
import type { Reporter } from './reporter.js';
import { spec } from './spec.js';
import { tap } from './tap.js';

/** The reporters by their names. */
export const reporters = { spec, tap, junit, json, markdown } as const satisfies Record<string, Reporter>;

/** The name of a reporter. */
export type ReporterName = keyof typeof reporters;
