import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { signalName, signalNumber } from './signal-name.js';

test('a signal with several names has the one that Node.js gives it', () => {
  assert.is(signalName(signalNumber('SIGIOT')), 'SIGABRT');
  assert.is(signalName(signalNumber('SIGPOLL')), 'SIGIO');
});

test('a signal without a name goes by its number', () => {
  assert.is(signalName(40), 'SIG40');
  assert.is(signalNumber(signalName(40)), 40);
  assert.is(signalNumber(40), 40);
  for (const name of ['SIG0', 'SIG65', 'SIG040', 'SIG4.5', 'SIG']) assert.throws(() => signalNumber(name), /SIGTERM/);
});

test.run();
