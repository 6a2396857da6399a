import { rejectionOf, rejects } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { systemError } from '../errors/system-error.js';
import { IORING_OP_READ, IORING_OP_SPLICE, IORING_OP_WRITE } from '../io-uring/opcodes.js';
import type { DeferredBackend } from './backend-source.js';
import type { CandidateExplanation } from './explanation.js';
import type { BackendFactory } from './factory.js';
import { FakeBackend, refused } from './fake-backend.test-support.js';
import { type SelectionRequest, selectDriver } from './select-driver.js';
import type { BackendUnavailableError } from './unavailable-error.js';

const NOTHING_SET = {};

function select(request: SelectionRequest) {
  return selectDriver({ environment: NOTHING_SET, ...request });
}

function failureOf(request: SelectionRequest): Promise<BackendUnavailableError> {
  return rejects(select(request), 'ERR_POLYRING_BACKEND_UNAVAILABLE');
}

function deferred(factory: BackendFactory, details: Partial<DeferredBackend> = {}) {
  const { name, priority } = factory;
  const backend = {
    name,
    priority,
    usesIoUring: false,
    loads: 0,
    load: async () => {
      backend.loads += 1;
      return factory;
    },
    ...details,
  };
  return backend;
}

function codes(candidates: readonly CandidateExplanation[]): string[] {
  return candidates.map((candidate) => (candidate.outcome === 'passed-over' ? candidate.code : candidate.outcome));
}

test('auto takes the candidate of the highest priority, whatever the order of the list', async () => {
  const [low, high] = [new FakeBackend('low', { priority: 1 }), new FakeBackend('high', { priority: 2 })];
  const { driver, explanation } = await select({ candidates: [low, high] });
  assert.is(driver, high.drivers[0]);
  assert.is(low.asked, 0);
  assert.equal(explanation, {
    requested: 'auto',
    strict: false,
    requiredOpcodes: [],
    taken: 'high',
    candidates: [
      { name: 'high', priority: 2, outcome: 'taken' },
      { name: 'low', priority: 1, outcome: 'not-tried' },
    ],
  });
});

test('candidates of the same priority keep the order of the list, and one that is listed twice is tried once', async () => {
  const [first, second] = [new FakeBackend('first', { availability: refused('no') }), new FakeBackend('second')];
  const { explanation } = await select({ candidates: [first, first, second] });
  assert.equal(codes(explanation.candidates), ['no', 'taken']);
});

test('an unavailable candidate is passed over with its code, reason, remedy and error', async () => {
  const cause = systemError(-1, 'io_uring_setup');
  const high = new FakeBackend('high', { priority: 2, availability: refused('denied', false, cause) });
  const low = new FakeBackend('low', { priority: 1 });
  const { driver, explanation } = await select({ candidates: [high, low] });
  assert.is(driver, low.drivers[0]);
  assert.equal(explanation.candidates[0], {
    name: 'high',
    priority: 2,
    outcome: 'passed-over',
    code: 'denied',
    reason: 'The reason of denied.',
    remedy: 'The remedy of denied.',
    exhausted: false,
    error: { code: 'EPERM', message: cause.message },
  });
  assert.equal(JSON.parse(JSON.stringify(explanation)), explanation);
});

test('a named backend comes first, and without strict the others follow by priority', async () => {
  const high = new FakeBackend('high', { priority: 3, availability: refused('high-is-away') });
  const middle = new FakeBackend('middle', { priority: 2 });
  const low = new FakeBackend('low', { priority: 1, availability: refused('low-is-away') });
  const { explanation } = await select({ candidates: [middle, high, low], backend: 'low' });
  assert.is(explanation.requested, 'low');
  assert.is(explanation.taken, 'middle');
  assert.equal(codes(explanation.candidates), ['low-is-away', 'high-is-away', 'taken']);
});

test('a backend given as an object comes first, as a candidate or not', async () => {
  const [other, own] = [new FakeBackend('other', { priority: 5 }), new FakeBackend('own')];
  for (const candidates of [[other], [other, own]]) {
    const { explanation } = await select({ candidates, backend: own });
    assert.equal(
      explanation.candidates.map(({ name }) => name),
      ['own', 'other'],
    );
    assert.is(explanation.taken, 'own');
  }
});

test('a backend given as an object takes the place of candidates of its name', async () => {
  const [plain, other] = [new FakeBackend('one', { priority: 2 }), new FakeBackend('two', { priority: 1 })];
  const wrapper = new FakeBackend('one', { availability: refused('missing') });
  const { driver, explanation } = await select({ candidates: [plain, other], backend: wrapper });
  assert.is(driver, other.drivers[0]);
  assert.equal(
    explanation.candidates.map(({ name }) => name),
    ['one', 'two'],
  );
});

test('a name that no candidate has is a mistake of configuration and never falls back', async () => {
  const only = new FakeBackend('only');
  const error = await rejectionOf(select({ candidates: [only], backend: 'onyl' }));
  assert.is(error.code, 'ERR_POLYRING_CONFIG');
  assert.is(error.message, 'There is no backend "onyl". Choose one of "auto", "only".');
  assert.is(only.asked, 0);
});

test('strict never falls back, from a named backend nor from the first of auto', async () => {
  const high = new FakeBackend('high', { priority: 2, availability: refused('away') });
  const low = new FakeBackend('low', { priority: 1 });
  for (const backend of ['high', 'auto', high]) {
    const { explanation } = await failureOf({ candidates: [low, high], backend, strict: true });
    assert.is(explanation.strict, true);
    assert.is(explanation.taken, undefined);
    assert.equal(codes(explanation.candidates), ['away', 'not-tried']);
  }
  assert.is(low.asked, 0);
});

test('a machine that has run out of something is an error at once, told by the availability or by the creation', async () => {
  for (const [errno, name] of [
    [-12, 'ENOMEM'],
    [-24, 'EMFILE'],
    [-23, 'ENFILE'],
  ] as const) {
    const cause = systemError(errno, 'io_uring_setup');
    const low = new FakeBackend('low', { priority: 1 });
    const asked = new FakeBackend('high', { priority: 2, availability: refused('out', true, cause) });
    const created = new FakeBackend('high', { priority: 2, createError: cause });
    for (const [high, code] of [
      [asked, 'out'],
      [created, 'backend-exhausted'],
    ] as const) {
      const error = await failureOf({ candidates: [low, high] });
      assert.is(error.cause, cause, name);
      assert.equal(codes(error.explanation.candidates), [code, 'not-tried']);
    }
    assert.is(low.asked, 0);
  }
});

test('what the system refuses at creation is passed over', async () => {
  const errors = [-38, -1, -13, -22].map((errno) => systemError(errno, 'io_uring_setup'));
  const others = ['ERR_DLOPEN_DISABLED', 'ERR_EXTERNAL_BUFFERS_REFUSED', 'ERR_POLYRING_ADDON'].map((code) =>
    Object.assign(new Error(code), { code }),
  );
  for (const createError of [...errors, ...others]) {
    const candidates = [new FakeBackend('high', { priority: 2, createError }), new FakeBackend('low')];
    const { explanation } = await select({ candidates });
    assert.equal(codes(explanation.candidates), ['backend-refused', 'taken']);
  }
});

test('a fault of the options or of the backend is thrown as it is and never hidden by a fallback', async () => {
  const createError = Object.assign(new RangeError('entries'), { code: 'ERR_OUT_OF_RANGE' });
  const low = new FakeBackend('low');
  const candidates = [new FakeBackend('high', { priority: 2, createError }), low];
  assert.is(await rejectionOf(select({ candidates })), createError);
  assert.is(low.asked, 0);
});

test('a driver that lacks an opcode that its backend needs is closed and passed over', async () => {
  const high = new FakeBackend('high', {
    priority: 2,
    minimumOpcodes: [IORING_OP_READ, IORING_OP_SPLICE],
    opcodes: [IORING_OP_READ],
  });
  const { explanation } = await select({ candidates: [high, new FakeBackend('low')] });
  assert.is(high.drivers[0]?.closed, true);
  assert.equal(codes(explanation.candidates), ['opcode-missing', 'taken']);
  const [candidate] = explanation.candidates;
  assert.ok(candidate?.outcome === 'passed-over');
  assert.is(candidate.reason, 'Its driver does not support IORING_OP_SPLICE (Linux 5.7).');
  assert.match(candidate.remedy, /kernel/);
});

test('required opcodes are probed besides, and a backend without a ring does not pass', async () => {
  const high = new FakeBackend('high', { priority: 2, minimumOpcodes: [IORING_OP_READ], opcodes: [IORING_OP_READ] });
  const low = new FakeBackend('low');
  const { driver } = await select({ candidates: [high, low], requireOpcodes: [IORING_OP_READ] });
  assert.is(driver, high.drivers[0]);
  const error = await failureOf({ candidates: [high, low], requireOpcodes: [IORING_OP_WRITE, 255] });
  assert.equal(codes(error.explanation.candidates), ['opcode-missing', 'opcode-missing']);
  assert.match(error.message, /high: .*IORING_OP_WRITE \(Linux 5\.6\), IORING_OP_255\./);
  assert.match(error.message, /low: .*Choose a backend on io_uring/);
  assert.equal([high.drivers[1]?.closed, low.drivers[0]?.closed], [true, true]);
  assert.is(driver.closed, false);
});

test('a driver that fails when it is probed is closed, and that error is thrown', async () => {
  const error = new Error('of the probe');
  const driver = new FakeBackend('made').create();
  driver.ioUringProbe = () => {
    throw error;
  };
  const faulty = Object.assign(new FakeBackend('faulty', { minimumOpcodes: [IORING_OP_READ] }), {
    create: () => driver,
  });
  assert.is(await rejectionOf(select({ candidates: [faulty] })), error);
  assert.is(driver.closed, true);
});

test('the error lists every candidate with its reason and its remedy', async () => {
  const candidates = ['one', 'two'].map((name) => new FakeBackend(name, { availability: refused(`${name}-away`) }));
  const { message, explanation } = await failureOf({ candidates });
  assert.is(
    message,
    [
      'No backend could be used: "auto" was asked for.',
      '  one: passed over (one-away). The reason of one-away. The remedy of one-away.',
      '  two: passed over (two-away). The reason of two-away. The remedy of two-away.',
    ].join('\n'),
  );
  assert.equal(codes(explanation.candidates), ['one-away', 'two-away']);
});

test('without candidates nothing can be taken', async () => {
  assert.equal((await failureOf({ candidates: [] })).explanation.candidates, []);
});

test('the kill switch passes over what stands on io_uring, however it was asked for', async () => {
  const uring = new FakeBackend('uring', { priority: 2, minimumOpcodes: [0], opcodes: [0] });
  const epoll = new FakeBackend('epoll', { priority: 1 });
  const environment = { POLYRING_DISABLE_URING: '1' };
  for (const backend of ['auto', 'uring', uring]) {
    const { explanation } = await select({ candidates: [uring, epoll], backend, environment });
    assert.equal(codes(explanation.candidates), ['uring-kill-switch', 'taken']);
  }
  await failureOf({ candidates: [uring, epoll], backend: 'uring', strict: true, environment });
  assert.is(uring.asked, 0);
});

test('the kill switch is on for any value that is not a no', async () => {
  const uring = new FakeBackend('uring', { minimumOpcodes: [0], opcodes: [0] });
  const isTaken = async (value: string) =>
    (
      await select({
        candidates: [uring, new FakeBackend('epoll', { priority: -1 })],
        environment: { POLYRING_DISABLE_URING: value },
      })
    ).explanation.taken === 'uring';
  for (const value of ['', ' ', '0', 'false', 'FALSE', 'no', 'off']) assert.is(await isTaken(value), true, value);
  for (const value of ['1', 'true', 'yes', 'on', '2']) assert.is(await isTaken(value), false, value);
});

test('a deferred backend is loaded when its turn comes and not before', async () => {
  const high = deferred(new FakeBackend('high', { priority: 2, availability: refused('away') }));
  const middle = deferred(new FakeBackend('middle', { priority: 1 }));
  const low = deferred(new FakeBackend('low'));
  const { explanation } = await select({ candidates: [low, middle, high] });
  assert.equal([high.loads, middle.loads, low.loads], [1, 1, 0]);
  assert.equal(codes(explanation.candidates), ['away', 'taken', 'not-tried']);
});

test('the kill switch passes over a deferred backend without loading it', async () => {
  const environment = { POLYRING_DISABLE_URING: '1' };
  const uring = deferred(new FakeBackend('uring', { priority: 1 }), { usesIoUring: true });
  const unknowing = deferred(new FakeBackend('unknowing', { priority: 1, minimumOpcodes: [0] }));
  const { explanation } = await select({ candidates: [uring, unknowing, new FakeBackend('epoll')], environment });
  assert.equal(codes(explanation.candidates), ['uring-kill-switch', 'uring-kill-switch', 'taken']);
  assert.is(uring.loads, 0);
});

test('a backend that is not installed is passed over, one whose module is faulty is not', async () => {
  const epoll = new FakeBackend('epoll');
  const absent = Object.assign(new Error("Cannot find package 'x'\nimported from y"), { code: 'ERR_MODULE_NOT_FOUND' });
  const away = deferred(new FakeBackend('away', { priority: 1 }), { load: () => Promise.reject(absent) });
  const { explanation } = await select({ candidates: [away, epoll] });
  const [candidate] = explanation.candidates;
  assert.ok(candidate?.outcome === 'passed-over');
  assert.is(candidate.code, 'backend-not-loadable');
  assert.is(candidate.reason, "It cannot be loaded: Cannot find package 'x'.");
  const fault = new SyntaxError('unexpected token');
  const faulty = deferred(new FakeBackend('faulty', { priority: 1 }), { load: () => Promise.reject(fault) });
  assert.is(await rejectionOf(select({ candidates: [faulty, epoll] })), fault);
});

test('what a backend must not answer is an error that names it and tells what is wrong', async () => {
  const refusal = refused('away');
  const closed = new FakeBackend('x').create();
  await closed.close();
  const answers: readonly [answers: object, text: string][] = [
    [
      { availability: async () => refusal },
      '"availability" .* must return an object, and at once. Received .* Promise',
    ],
    [{ availability: () => true }, 'must return an object, and at once. Received type boolean \\(true\\)'],
    [{ availability: () => undefined }, 'must return an object, and at once. Received undefined'],
    [{ availability: () => ({}) }, '"available" of type boolean. Received undefined'],
    [{ availability: () => ({ available: false }) }, '"exhausted" of type boolean. Received undefined'],
    [{ availability: () => ({ ...refusal, code: 7 }) }, '"code" of type string. Received type number'],
    [{ availability: () => ({ ...refusal, reason: undefined }) }, '"reason" of type string. Received undefined'],
    [{ availability: () => ({ ...refusal, remedy: null }) }, '"remedy" of type string. Received null'],
    [{ create: async () => new FakeBackend('x').create() }, '"create" .* must return a driver, .* Received .* Promise'],
    [{ create: () => Promise.reject(new Error('late')) }, 'must return a driver, .* Received .* Promise'],
    [{ availability: () => Promise.reject(new Error('late')) }, 'and at once. Received .* Promise'],
    [{ create: () => ({ newDynTimer() {} }) }, 'must return a driver, and at once. Received an instance of Object'],
    [{ create: () => ({}) }, 'must return a driver, and at once. Received an instance of Object'],
    [{ create: () => closed }, '"create" .* must return a driver that is not closed. Received an instance of'],
    [{ create: () => undefined }, 'must return a driver, and at once. Received undefined'],
  ];
  const epoll = new FakeBackend('epoll');
  for (const [answer, text] of answers) {
    const faulty = Object.assign(new FakeBackend('faulty', { priority: 1 }), answer);
    const { code, message } = await rejectionOf(select({ candidates: [faulty, epoll] }));
    assert.is(code, 'ERR_INVALID_RETURN_VALUE', message);
    assert.match(message, 'the backend "faulty"');
    assert.match(message, new RegExp(text));
  }
  for (const answer of [undefined, { default: epoll }, epoll.create()]) {
    const faulty = deferred(new FakeBackend('faulty', { priority: 1 }), {
      load: async () => answer as unknown as BackendFactory,
    });
    for (const environment of [NOTHING_SET, { POLYRING_DISABLE_URING: '1' }]) {
      const { code, message } = await rejectionOf(select({ candidates: [faulty, epoll], environment }));
      assert.is(code, 'ERR_INVALID_RETURN_VALUE', message);
      assert.match(message, '"load" of the backend "faulty" must return a promise of a BackendFactory. Received ');
    }
  }
  assert.is(epoll.asked, 0);
});

test('the options reach the backend', async () => {
  const backend = new FakeBackend('only');
  const options = { entries: 8 };
  await select({ candidates: [backend], options });
  assert.is(backend.options[0], options);
});

test('a request of a wrong form is refused', async () => {
  const candidates = [new FakeBackend('only')];
  const wrong = (request: unknown) => rejectionOf(select(request as SelectionRequest)).then(({ code }) => code);
  assert.is((await rejectionOf(selectDriver(null as never))).code, 'ERR_INVALID_ARG_TYPE');
  assert.is(await wrong({ candidates: [{ name: 'half' }] }), 'ERR_INVALID_ARG_TYPE');
  assert.is(await wrong({ candidates: candidates[0] }), 'ERR_INVALID_ARG_TYPE');
  assert.is(await wrong({ candidates, backend: 7 }), 'ERR_INVALID_ARG_TYPE');
  assert.is(await wrong({ candidates, options: null }), 'ERR_INVALID_ARG_TYPE');
  assert.is(await wrong({ candidates, strict: 'no' }), 'ERR_INVALID_ARG_TYPE');
  assert.is(await wrong({ candidates, requireOpcodes: 22 }), 'ERR_INVALID_ARG_TYPE');
  assert.is(await wrong({ candidates, requireOpcodes: [256] }), 'ERR_OUT_OF_RANGE');
  assert.is(await wrong({ candidates, requireOpcodes: ['READ'] }), 'ERR_INVALID_ARG_TYPE');
  const { message } = await rejectionOf(select({ candidates, requireOpcodes: [IORING_OP_READ, 256] }));
  assert.match(message, /"requireOpcodes\[1\]"/);
  assert.is(candidates[0]?.asked, 0);
});

test.run();
