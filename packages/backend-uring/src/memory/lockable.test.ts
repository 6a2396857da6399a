import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { lockableBytes } from './lockable.js';

const WITH_LOCK = 'Name:\tnode\nCapEff:\t0000000000004000\nCapBnd:\t000001ffffffffff\n';
const WITHOUT = 'Name:\tnode\nCapEff:\t0000000000000000\n';
const limits = (soft: string): string =>
  `Limit                     Soft Limit           Hard Limit           Units\nMax locked memory         ${soft}            8388608              bytes\n`;
const MACHINE_USERS = '         0          0 4294967295';
const CONTAINER_USERS = '         0       1000          1';

function lockable(status: string | undefined, users: string | undefined, limit: string | undefined): number {
  const texts = new Map([
    ['/proc/self/status', status],
    ['/proc/self/uid_map', users],
    ['/proc/self/limits', limit],
  ]);
  return lockableBytes({ readText: (path) => texts.get(path) });
}

test('it is the limit of the process, unless it may lock whatever it wants', () => {
  assert.is(lockable(WITHOUT, MACHINE_USERS, limits('8388608')), 8_388_608);
  assert.is(lockable(WITHOUT, MACHINE_USERS, limits('unlimited')), Number.POSITIVE_INFINITY);
  assert.is(lockable(WITH_LOCK, MACHINE_USERS, limits('65536')), Number.POSITIVE_INFINITY);
  // The kernel does not take the capabilities of a container with users of its own for those of the machine.
  assert.is(lockable(WITH_LOCK, CONTAINER_USERS, limits('65536')), 65_536);
});

test('it is nothing where nothing is known', () => {
  assert.is(lockable(undefined, undefined, undefined), 0);
  assert.is(lockable('', '', ''), 0);
});

test('this machine tells', () => {
  assert.ok(lockableBytes() >= 0);
});

test.run();
