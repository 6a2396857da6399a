import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { factoryOf, isBackendFactory } from './backend-source.js';
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

test.run();
