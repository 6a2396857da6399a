import { release } from 'node:os';
import type { Selection } from '@polyring/core';
import { STALL_LIMIT, settledWithin } from '../stall.js';
import { exitOnSignals } from './exit-on-signals.js';
import { openDriver } from './open-driver.js';
import { type Output, ProgressLine } from './progress-line.js';
import { TourRenderer } from './render.js';
import { reportError, type StepReport, type TourReport, type TourSubject } from './report.js';
import { runTour } from './run-tour.js';
import type { TourStep } from './step.js';
import { TOUR_STEPS } from './steps/index.js';
import { TemporaryFolder } from './temporary-folder.js';

/** What the command line asks for. */
export interface TourOptions {
  /** What `--backend` names; undefined if it is not given. */
  readonly backend: string | undefined;
  /** Print one JSON document and nothing else. */
  readonly json: boolean;
  /** Bytes of the file that is copied. */
  readonly size: number;
}

/** What a session is made of; tests put their own in. */
export interface TourParts {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly steps: readonly TourStep[];
  /** Milliseconds that opening and closing the driver may take, and a step to its next sign of progress. */
  readonly stallLimit: number;
  openDriver(backend: string | undefined): Promise<Selection>;
}

const OWN_PARTS: TourParts = {
  stdout: process.stdout,
  stderr: process.stderr,
  steps: TOUR_STEPS,
  stallLimit: STALL_LIMIT,
  openDriver,
};

/** Bytes beside the copied file and its copy. */
const SPARE_ROOM = 4 * 2 ** 20;

/**
 * Runs `polyring tour`: opens the driver, makes the folder, prints what the steps did, and leaves nothing behind.
 *
 * @returns the exit code: 0 if every step was verified, 1 otherwise
 */
export async function tourSession(options: TourOptions, parts: TourParts = OWN_PARTS): Promise<0 | 1> {
  const { stdout, stderr } = parts;
  const forgetSignals = exitOnSignals();
  try {
    const report = await tour(options, parts);
    if (options.json) stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
    return report.ok ? 0 : 1;
  } catch (error) {
    const reported = reportError(error);
    if (options.json) stdout.write(`${JSON.stringify({ ok: false, error: reported }, undefined, 2)}\n`);
    else stderr.write(`polyring: ${reported.message}\n`);
    return 1;
  } finally {
    forgetSignals();
  }
}

async function tour({ backend, json, size }: TourOptions, parts: TourParts): Promise<TourReport> {
  const { stdout, stallLimit } = parts;
  const print = (text: string): unknown => (json ? undefined : stdout.write(text));
  const folder = new TemporaryFolder(2 * size + SPARE_ROOM);
  const line = new ProgressLine(json ? { write: () => undefined } : stdout);
  const render = new TourRenderer(stdout.hasColors?.() ?? false);
  try {
    const opened = parts.openDriver(backend);
    const { driver, explanation } = await settledWithin(stallLimit, 'The driver has been opening', opened);
    const subject: TourSubject = { backend: driver.name, explanation, node: process.version, kernel: release() };
    print(render.heading(subject));
    const started = performance.now();
    const steps: StepReport[] = [];
    const work = { driver, steps: parts.steps, stallLimit, folder: folder.path, copySize: size };
    for await (const step of runTour({ ...work, progress: (what, fraction) => line.show(what, fraction) })) {
      line.clear();
      print(render.step(step));
      steps.push(step);
    }
    const ok = steps.every((step) => step.ok);
    // Closing waits for what is in flight, which after a failure may have no end.
    if (ok) await settledWithin(stallLimit, 'The driver has been closing', driver.close());
    const report: TourReport = { ok, ...subject, seconds: (performance.now() - started) / 1e3, steps };
    print(render.ending(report));
    return report;
  } finally {
    line.end();
    folder.remove();
  }
}
