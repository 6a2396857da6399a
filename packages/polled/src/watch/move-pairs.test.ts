import { epollBackend } from '@polyring/backend-epoll';
import { IN_CREATE, IN_MOVED_FROM, IN_MOVED_TO, IN_Q_OVERFLOW, type InotifyEvent } from '@polyring/sys';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MovePairs } from './move-pairs.js';

const driver = epollBackend.create();
const { now } = performance;
let time = 0;

test.before.each(() => {
  time = 0;
  performance.now = () => time;
});
test.after.each(() => {
  performance.now = now;
});
test.after(() => driver.close());

const FROM = { watch: 1, mask: IN_MOVED_FROM, cookie: 7, name: 'from' };
const TO = { watch: 1, mask: IN_MOVED_TO, cookie: 7, name: 'to' };
const CREATE = { watch: 1, mask: IN_CREATE, cookie: 0, name: 'created' };
const OVERFLOW = { watch: -1, mask: IN_Q_OVERFLOW, cookie: 0, name: '' };

/** Pairs, and what they have told of. */
function makePairs(): { pairs: MovePairs; told: (InotifyEvent | undefined)[][] } {
  const told: (InotifyEvent | undefined)[][] = [];
  const pairs = new MovePairs(driver, {
    moved: (from, to) => told.push([from, to]),
    happened: (event) => told.push([event]),
    passed: () => {},
  });
  return { pairs, told };
}

test('a first half stays in line while there may be more to add, and until its time has passed', () => {
  const { pairs, told } = makePairs();
  pairs.add([FROM, CREATE]);
  pairs.allAdded(time);
  time = 100;
  pairs.add([CREATE]);
  assert.equal(told, []);
  pairs.add([TO]);
  assert.equal(told, [[FROM, TO], [CREATE], [CREATE]]);
  pairs[Symbol.dispose]();
});

test('one that is alone when all was added is told of, with what is behind it up to the next', () => {
  const { pairs, told } = makePairs();
  const next = { ...FROM, cookie: 8 };
  pairs.add([FROM, CREATE]);
  time = 6;
  pairs.add([next]);
  time = 12;
  pairs.allAdded(time);
  assert.equal(told, [[FROM, undefined], [CREATE]]);
  pairs.add([TO]);
  time = 18;
  pairs.allAdded(time);
  assert.equal(told.slice(2), [
    [next, undefined],
    [undefined, TO],
  ]);
  pairs[Symbol.dispose]();
});

test('the time for a second half does not pass while what was read before is dealt with', () => {
  const { pairs, told } = makePairs();
  pairs.add([FROM]);
  time = 100;
  pairs.allAdded(0);
  assert.equal(told, []);
  pairs.add([TO]);
  assert.equal(told, [[FROM, TO]]);
  pairs[Symbol.dispose]();
});

test('behind an overflow no first half waits for its second, which may be lost', () => {
  const { pairs, told } = makePairs();
  pairs.add([FROM, CREATE, OVERFLOW]);
  assert.equal(told, [[FROM, undefined], [CREATE], [OVERFLOW]]);
});

test.run();
