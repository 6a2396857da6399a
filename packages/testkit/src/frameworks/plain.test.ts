import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadSubject } from '../subject.js';
import { runRules } from './plain.js';

const RULES = ['timer.past-ready', 'ring.probe', 'ring.unsupported'];

test('the chosen rules run one after another and give their results as data', async () => {
  const subject = await loadSubject(import.meta.resolve('@polyring/backend-epoll'));
  const results = await runRules(subject, { filter: ({ id }) => RULES.includes(id) });
  const outcomes = new Map(results.map(({ id, outcome }) => [id, outcome]));
  assert.equal([...outcomes].sort(), [
    ['ring.probe', 'skipped'],
    ['ring.unsupported', 'passed'],
    ['timer.past-ready', 'passed'],
  ]);
});

test('a rule that fails is a result, and the run goes on', async () => {
  const { factory, url } = await loadSubject(import.meta.resolve('@polyring/backend-epoll'));
  const noTimers = (): never => {
    throw new Error('no timers');
  };
  const faulty = { ...factory, create: () => Object.assign(factory.create(), { newDynTimer: noTimers }) };
  const results = await runRules({ factory: faulty, url }, { filter: ({ id }) => RULES.includes(id) });
  assert.equal(
    results.filter(({ outcome }) => outcome === 'failed').map(({ id, error }) => [id, String(error)]),
    [['timer.past-ready', 'Error: no timers']],
  );
  assert.is(results.length, RULES.length);
});

test.run();
