import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readWitnessReport } from './witness-report.mjs';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));

const running = new Set();

/**
 * What is needed to run scenarios.
 *
 * @typedef {object} Court
 * @property {string} node The Node.js binary.
 * @property {string} sanitizer AddressSanitizer's runtime library.
 * @property {string} witness The witness's library.
 * @property {Record<string, string>} environment Where the instrumented addons are.
 * @property {string} reports The folder for witness reports.
 * @property {number} timeout Seconds that a scenario may take.
 */

/**
 * Runs one scenario in a process of its own and judges it from outside.
 *
 * @param {import('./catalogue.mjs').Scenario} scenario
 * @param {Court} court
 * @param {number} serial Tells this run's files from those of others.
 * @returns {Promise<{ complaints: string[], summary: string, output: string, milliseconds: number }>}
 */
export async function judgeScenario(scenario, court, serial) {
  const reportFile = path.join(court.reports, `${serial}.report`);
  rmSync(reportFile, { force: true });
  const start = performance.now();
  const ended = await run(scenario, court, reportFile);
  const report = readWitnessReport(reportFile);
  rmSync(reportFile, { force: true });
  return {
    complaints: complaintsAbout(scenario, ended, report),
    summary: [...ended.output.matchAll(/^(?:seed|\d+ programs).*$/gm), summarize(report)].join(', '),
    output: ended.output,
    milliseconds: performance.now() - start,
  };
}

/** Ends every scenario that is still running. */
export function killScenarios() {
  for (const child of running) child.kill('SIGKILL');
}

function complaintsAbout(scenario, { code, signal, timedOut, output }, report) {
  const complaints = [];
  if (timedOut) complaints.push('timed out');
  else if (signal !== null) complaints.push(`ended by ${signal}`);
  else if (code !== scenario.code) complaints.push(`exit code ${code}, not ${scenario.code}`);
  if (!/^ended$/m.test(output)) complaints.push('did not come to its end');
  if (/ERROR: AddressSanitizer|runtime error:/.test(output)) complaints.push('AddressSanitizer reports an error');
  const leaks = scenario.leaks ? addonLeaks(output) : [];
  const mustLeak = scenario.leaks && scenario.convicts.length > 0;
  if (leaks.length > 0 && !mustLeak) complaints.push(`${leaks.length} leaks of the addons`);
  if (leaks.length === 0 && mustLeak) complaints.push('NOT CONVICTED of its leak');
  if (report === undefined) return [...complaints, 'no witness was there'];

  const { counters, convictions, text } = report;
  if (counters.missed > 0) complaints.push(`${counters.missed} operations escaped the witness`);
  if (counters.marked < scenario.marked) complaints.push(`only ${counters.marked} operations were in flight`);
  const acquitted = scenario.convicts.filter((crime) => !convictions.includes(crime));
  if (acquitted.length > 0) complaints.push(`NOT CONVICTED of ${acquitted.join(' and ')}: the witness is blind`);
  const guilty = convictions.some((crime) => !scenario.tolerates.includes(crime));
  if (scenario.convicts.length === 0 && guilty) complaints.push(`convicted: ${text}`);
  return complaints;
}

/**
 * The leak reports that name an addon of this project. Node.js itself never frees what `napi_create_external`
 * allocates if the garbage collector has not got round to it when a worker ends.
 */
function addonLeaks(output) {
  return output
    .split(/^(?=(?:Direct|Indirect) leak of )/m)
    .filter((block) => /^(?:Direct|Indirect) leak of /.test(block))
    .filter(
      (block) =>
        /polyring::|polyring_\w+\.node|instruments\.node/.test(block) && !/ in napi_create_external /.test(block),
    );
}

function summarize(report) {
  if (report === undefined) return '';
  const { counters, convictions } = report;
  const verdict = convictions.length > 0 ? `, convicted of ${convictions.join(', ')}` : '';
  return `${counters.marked} in flight, ${counters.submitted} submitted${verdict}`;
}

async function run(scenario, court, reportFile) {
  const file = path.join(FOLDER, 'scenarios', scenario.script);
  const child = spawn(court.node, ['--expose-gc', ...scenario.flags, file, ...scenario.args], {
    cwd: FOLDER,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ...court.environment,
      // What a process leaves there when it is killed goes with the reports.
      TMPDIR: court.reports,
      LD_PRELOAD: `${court.sanitizer} ${court.witness}`,
      POLYRING_WITNESS_REPORT: reportFile,
      ASAN_OPTIONS: `detect_leaks=${scenario.leaks ? 1 : 0}:exitcode=99`,
      LSAN_OPTIONS: 'exitcode=0',
    },
  });
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk) => {
      output += chunk;
    });
  }
  let timedOut = false;
  const timer = setTimeout(
    () => {
      timedOut = true;
      child.kill('SIGKILL');
    },
    (court.timeout + scenario.seconds) * 1000,
  );
  const [code, signal] = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (...how) => resolve(how));
  });
  clearTimeout(timer);
  running.delete(child);
  return { code, signal, timedOut, output };
}
