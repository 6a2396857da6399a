import { throws } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Pending } from './poll.js';
import {
  ALL_EVENTS,
  ALWAYS_REPORTED,
  checkPollEvents,
  formatPollEvents,
  InterestSlot,
  PollEvents,
} from './poll-events.js';

test('the events have the bits of poll(2)', () => {
  assert.equal({ ...PollEvents }, { EMPTY: 0, IN: 1, PRI: 2, OUT: 4, ERR: 8, HUP: 16, RDHUP: 0x2000 });
});

test('HUP, ERR and RDHUP are always reported', () => {
  assert.is(ALWAYS_REPORTED, 0x2018);
  assert.is(ALL_EVENTS & ALWAYS_REPORTED, ALWAYS_REPORTED);
});

test('every event is one of all events', () => {
  assert.is(
    Object.values(PollEvents).reduce<number>((all, bit) => all | bit, 0),
    ALL_EVENTS,
  );
});

test('a set of events is written with its names', () => {
  assert.is(formatPollEvents(PollEvents.IN | PollEvents.HUP), 'IN|HUP');
  assert.is(formatPollEvents(ALL_EVENTS), 'IN|PRI|OUT|ERR|HUP|RDHUP');
  assert.is(formatPollEvents(PollEvents.EMPTY), 'EMPTY');
});

test('what is no set of events is refused', () => {
  for (const events of [PollEvents.EMPTY, PollEvents.RDHUP, ALL_EVENTS]) checkPollEvents(events);
  for (const events of [-1, 0.5, Number.NaN, 0x40, ALL_EVENTS + 1]) {
    throws(() => checkPollEvents(events), 'ERR_OUT_OF_RANGE');
  }
  throws(() => checkPollEvents('1'), 'ERR_INVALID_ARG_TYPE');
});

test('the two slots are 0 and 1', () => {
  assert.equal({ ...InterestSlot }, { Read: 0, Write: 1 });
});

test('two copies of the library agree on Pending', () => {
  assert.is(Pending, Symbol.for('polyring.pending'));
});

test.run();
