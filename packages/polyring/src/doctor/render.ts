import { type CandidateExplanation, formatCandidate, formatHeadline, formatOrigin } from '@polyring/core';
import { Ansis } from 'ansis';
import { Table } from 'console-table-printer';
import type { BackendReport, DoctorReport, OpcodeReport, SelectionReport, SettingReport } from './report.js';

/** How a report is shown. */
export interface Presentation {
  /** Whether the text may hold the escape sequences of a terminal. */
  readonly colour: boolean;
  /** The width of the terminal. Cells that hold sentences are wrapped to fit, as far as it is reasonable. */
  readonly columns: number;
}

type Cells = Readonly<Record<string, string>>;

const OPCODE_PREFIX = 'IORING_OP_';

/** What borders, padding and the narrow columns of the table of backends take. */
const TAKEN_BY_NARROW_COLUMNS = 64;

const NARROWEST_SENTENCE = 24;

/** A doctor's report as text for people. */
export function renderReport(report: DoctorReport, { colour, columns }: Presentation): string {
  const ansi = new Ansis(colour ? 1 : 0);
  const sentence = Math.max(NARROWEST_SENTENCE, Math.floor((columns - TAKEN_BY_NARROW_COLUMNS) / 2));
  const { polyring, node, platform, arch, kernel, uid } = report.system;
  const table = (rows: readonly Cells[], widest: number): string => renderTable(rows, widest, colour);
  const settings =
    report.settings.length === 0 ? 'It cannot be used.' : table(report.settings.map(settingRow), 2 * sentence);
  return [
    `${ansi.bold(`Polyring ${polyring}`)}, Node.js ${node}, ${platform} ${kernel}, ${arch}${uid === null ? '' : `, user ${uid}`}`,
    section('Backends', table(report.backends.map(backendRow), sentence)),
    section('What auto takes', selectionText(report.auto, report.backends)),
    section('What is taken as configured', configuredText(report)),
    section('Configuration', settings),
    section(
      'Operations of io_uring',
      operationsText(report.opcodes, (rows) => table(rows, 2 * sentence)),
    ),
    report.ok ? ansi.green('A driver can be had.') : ansi.red('No driver can be had as configured.'),
  ].join('\n\n');

  function section(title: string, body: string): string {
    return `${ansi.bold(title)}\n${body}`;
  }
}

function backendRow(backend: BackendReport): Cells {
  const { name, priority } = backend;
  const row = { backend: name, priority: String(priority) };
  return backend.available
    ? { ...row, available: 'yes', code: '', reason: '', remedy: '' }
    : { ...row, available: 'no', code: backend.code, reason: backend.reason, remedy: backend.remedy };
}

function settingRow({ key, value, origin, foreign }: SettingReport): Cells {
  const shown = typeof value === 'string' ? value : JSON.stringify(value);
  const note = foreign ? "unknown to Polyring's own backends" : '';
  return { setting: key, value: shown, from: formatOrigin(origin), note };
}

function configuredText({ auto, configured, backends }: DoctorReport): string {
  return JSON.stringify(configured) === JSON.stringify(auto) ? 'The same.' : selectionText(configured, backends);
}

function selectionText({ explanation, error }: SelectionReport, backends: readonly BackendReport[]): string {
  if (explanation === undefined) return error?.message ?? '';
  const lines = explanation.candidates.map((candidate) => `  ${candidateText(candidate, backends)}`);
  return [formatHeadline(explanation), ...lines].join('\n');
}

/** A candidate without the reason and the remedy where the table of backends shows them already. */
function candidateText(candidate: CandidateExplanation, backends: readonly BackendReport[]): string {
  const shown = backends.find(({ name }) => name === candidate.name);
  const isShown =
    candidate.outcome === 'passed-over' && shown?.available === false && shown.reason === candidate.reason;
  return isShown ? `${candidate.name}: passed over (${candidate.code}), see above.` : formatCandidate(candidate);
}

function operationsText(opcodes: readonly OpcodeReport[], table: (rows: readonly Cells[]) => string): string {
  const supported = opcodes.filter((opcode) => opcode.supported);
  const versions = [...new Set(opcodes.map(({ since }) => since))];
  const rows = versions.map((version) => {
    const brought = opcodes.filter(({ since }) => since === version);
    return {
      'since Linux': version,
      supported: names(brought.filter((opcode) => opcode.supported)),
      'not supported': names(brought.filter((opcode) => !opcode.supported)),
    };
  });
  return `${supported.length} of ${opcodes.length} known operations are supported here.\n${table(rows)}`;
}

function names(opcodes: readonly OpcodeReport[]): string {
  return opcodes.map(({ name }) => name.slice(OPCODE_PREFIX.length)).join(' ');
}

function renderTable(rows: readonly Cells[], widest: number, colour: boolean): string {
  const filled = Object.keys(rows[0] ?? {}).filter((name) => rows.some((row) => row[name] !== ''));
  const columns = filled.map((name) => {
    const isWide = rows.some((row) => (row[name] ?? '').length > widest);
    return { name, alignment: 'left' as const, ...(isWide ? { maxLen: widest } : {}) };
  });
  const table = new Table({ columns, shouldDisableColors: !colour });
  for (const row of rows) table.addRow(Object.fromEntries(filled.map((name) => [name, row[name]])));
  return table.render();
}
