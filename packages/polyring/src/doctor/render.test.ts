import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { renderReport } from './render.js';
import type { DoctorReport } from './report.js';

const refusal = { code: 'uring-denied', reason: 'It is denied.', remedy: 'Allow it.', exhausted: false };
const candidates = [
  { name: 'uring', priority: 200, outcome: 'passed-over', ...refusal },
  { name: 'epoll', priority: 100, outcome: 'taken' },
] as const;
const auto = { explanation: { requested: 'auto', strict: false, requiredOpcodes: [], taken: 'epoll', candidates } };

const REPORT: DoctorReport = {
  ok: true,
  system: { polyring: '1.2.3', node: 'v20.0.0', platform: 'linux', arch: 'x64', kernel: '6.1.0', uid: 1000 },
  backends: [
    { name: 'uring', priority: 200, available: false, ...refusal },
    { name: 'epoll', priority: 100, available: true },
  ],
  auto,
  configured: auto,
  settings: [
    { key: 'backend', value: 'auto', origin: { kind: 'default' } },
    { key: 'options.entries', value: 8, origin: { kind: 'file', name: '/app/.polyringrc' } },
  ],
  opcodes: [
    { opcode: 22, name: 'IORING_OP_READ', since: '5.6', supported: true },
    { opcode: 23, name: 'IORING_OP_WRITE', since: '5.6', supported: false },
    { opcode: 30, name: 'IORING_OP_SPLICE', since: '5.7', supported: true },
  ],
};

function render(report: Partial<DoctorReport> = {}, colour = false): string {
  return renderReport({ ...REPORT, ...report }, { colour, columns: 120 });
}

function row(text: string, start: string): readonly string[] {
  const line = text.split('\n').find((each) => each.startsWith(`│ ${start} `)) ?? '';
  return line
    .split('│')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

test('the machine, each backend, each value with its origin and each opcode are told', () => {
  const text = render();
  assert.match(text, /^Polyring 1\.2\.3, Node\.js v20\.0\.0, linux 6\.1\.0, x64, user 1000\n/);
  assert.equal(row(text, 'uring'), ['uring', '200', 'no', 'uring-denied', 'It is denied.', 'Allow it.']);
  assert.equal(row(text, 'epoll'), ['epoll', '100', 'yes', '', '', '']);
  assert.equal(row(text, 'options.entries'), ['options.entries', '8', 'config file /app/.polyringrc']);
  assert.equal(row(text, '5.6'), ['5.6', 'READ', 'WRITE']);
  assert.equal(row(text, '5.7'), ['5.7', 'SPLICE', '']);
  assert.match(text, /\n2 of 3 known operations are supported here\.\n/);
  assert.match(text, /\nA driver can be had\.$/);
});

test('an option that no backend of Polyring knows is marked', () => {
  const origin = { kind: 'file', name: '/app/.polyringrc' } as const;
  const entires = { key: 'options.entires', value: 8, origin, foreign: true } as const;
  const text = render({ settings: [...REPORT.settings, entires] });
  assert.is(row(text, 'options.entires')[3], "unknown to Polyring's own backends");
  assert.is(row(text, 'options.entries')[3], '');
});

test('a reason is told once, and in full where the table of backends does not tell it', () => {
  const text = render();
  assert.match(text, /What auto takes\n.*\n {2}uring: passed over \(uring-denied\), see above\.\n {2}epoll: taken\.\n/);
  assert.match(text, /What is taken as configured\nThe same\.\n/);
  const missing = { ...refusal, code: 'opcode-missing', reason: 'It lacks one.' };
  const strict = { ...auto.explanation, candidates: [{ ...candidates[0], ...missing }] };
  assert.match(
    render({ configured: { explanation: strict } }),
    /uring: passed over \(opcode-missing\)\. It lacks one\. Allow it\.\n/,
  );
});

test('configuration that cannot be used is told', () => {
  const text = render({ ok: false, configured: { error: { message: '.polyringrc: wrong.' } }, settings: [] });
  assert.match(text, /What is taken as configured\n\.polyringrc: wrong\.\n/);
  assert.match(text, /Configuration\nIt cannot be used\.\n/);
  assert.match(text, /\nNo driver can be had as configured\.$/);
});

test('there are escape sequences with colour and none without', () => {
  assert.ok(render({}, true).includes('\x1b['));
  assert.not.ok(render().includes('\x1b'));
});

test('long sentences are wrapped to the width of the terminal', () => {
  const reason = 'One two three four five six seven eight nine ten eleven twelve.';
  const [uring, epoll] = REPORT.backends;
  assert.ok(uring && epoll);
  const text = render({ backends: [{ ...uring, ...refusal, available: false, reason }, epoll] });
  assert.is(row(text, 'uring')[4], 'One two three four five six');
});

test.run();
