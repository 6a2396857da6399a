import { throws } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkBackendSource, explainNoFactory, factoryOf, isBackendFactory } from './backend-source.js';
import { FakeBackend } from './fake-backend.test-support.js';

test('a backend is known by its form', () => {
  const backend = new FakeBackend('fake');
  assert.ok(isBackendFactory(backend));
  const form = { name: 'a', priority: 1, minimumOpcodes: [], availability() {}, create() {} };
  assert.ok(isBackendFactory(form));
  const wrong = { name: '', priority: Number.NaN, minimumOpcodes: {}, availability: true, create: undefined };
  for (const [key, value] of Object.entries(wrong)) assert.not(isBackendFactory({ ...form, [key]: value }), key);
  for (const value of [null, undefined, 1, 'uring', () => form]) assert.not(isBackendFactory(value));
});

test("a module's factory is its default export, or else the export named backend", () => {
  const [first, second] = [new FakeBackend('first'), new FakeBackend('second')];
  assert.is(factoryOf({ default: first, backend: second }), first);
  assert.is(factoryOf({ default: () => {}, backend: second }), second);
  assert.is(factoryOf({ other: first }), undefined);
});

test('of a module that was compiled to CommonJS, what it exports is looked at', () => {
  const [first, second] = [new FakeBackend('first'), new FakeBackend('second')];
  const imported = (exports: object) => ({ default: { __esModule: true, ...exports } });
  assert.is(factoryOf(imported({ default: first, backend: second })), first);
  assert.is(factoryOf(imported({ default: () => {}, backend: second })), second);
  assert.match(
    explainNoFactory(imported({ default: { name: 'a' } })),
    '"default" is no BackendFactory: "priority" must',
  );
  assert.is(factoryOf({ default: Object.assign(new FakeBackend('own'), { default: first }) })?.name, 'own');
});

test('why a module has no factory is said of the member that is missing or wrong', () => {
  const { create, ...half } = { name: 'a', priority: 1, minimumOpcodes: [], availability() {}, create() {} };
  const wrong: readonly [module: object, text: string][] = [
    [{ default: half }, 'Its export "default" is no BackendFactory: "create" must be a function.'],
    [{ backend: { ...half, create, name: '' } }, '"backend" is no BackendFactory: "name" must be a string that is not'],
    [{ backend: half, default: { backend: half } }, '"backend" is no BackendFactory: "create" must be a function.'],
    [{ default: () => half }, 'It exports no BackendFactory: that must be the export "default" or "backend".'],
  ];
  for (const [module, text] of wrong) {
    assert.is(factoryOf(module), undefined);
    assert.match(explainNoFactory(module), text);
  }
});

test('what is no backend is refused by the name that it was given by, and the member that is wrong', () => {
  const factory = new FakeBackend('fake');
  const deferred = { name: 'later', priority: 1, usesIoUring: false, load: async () => factory };
  for (const source of [factory, deferred]) checkBackendSource(source, 'backend');
  const wrong: readonly [value: unknown, text: string][] = [
    [null, 'The "backends[0]" argument must be a BackendFactory. Received null'],
    [{ ...deferred, load: 7 }, 'The "backends[0].load" argument must be a function. Received type number (7)'],
    [
      { ...deferred, usesIoUring: 0 },
      'The "backends[0].usesIoUring" argument must be a boolean. Received type number (0)',
    ],
    [{ name: 'a', priority: '1' }, 'The "backends[0].priority" argument must be a number. Received type string (1)'],
    [{}, 'The "backends[0].name" argument must be a string that is not empty. Received undefined'],
  ];
  for (const [value, text] of wrong) {
    throws(() => checkBackendSource(value, 'backends[0]'), 'ERR_INVALID_ARG_TYPE');
    assert.throws(
      () => checkBackendSource(value, 'backends[0]'),
      ({ message }: Error) => message === text,
    );
  }
});

test.run();
