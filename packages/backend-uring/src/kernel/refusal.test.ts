import { Errno, systemError } from '@polyring/core';
import { AddonError } from '@polyring/sys';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PACKAGE_ROOT } from '../package-root.js';
import type { Machine } from './machine.js';
import { explainRefusal, withReason } from './refusal.js';

function machine(files: Record<string, string>, release = '6.18.0'): Machine {
  return { release, readText: (path) => files[path] };
}

const refused = (errno: number): Error => systemError(errno, 'io_uring_setup');
const noMachine = machine({});

test('EPERM is told apart by the sysctl, its group, a seccomp filter, and what does not show itself', () => {
  const code = (files: Record<string, string>): string => explainRefusal(refused(Errno.EPERM), machine(files)).code;
  assert.is(code({ '/proc/sys/kernel/io_uring_disabled': '2' }), 'uring-disabled-by-sysctl');
  assert.is(code({ '/proc/sys/kernel/io_uring_disabled': '1' }), 'uring-disabled-for-group');
  assert.is(
    code({ '/proc/sys/kernel/io_uring_disabled': '0', '/proc/self/status': 'Name:\tx\nSeccomp:\t2\n' }),
    'uring-denied-by-seccomp',
  );
  assert.is(code({ '/proc/sys/kernel/io_uring_disabled': '0', '/proc/self/status': 'Seccomp:\t0\n' }), 'uring-denied');
});

test('the group of the sysctl is named', () => {
  const answer = explainRefusal(
    refused(Errno.EPERM),
    machine({ '/proc/sys/kernel/io_uring_disabled': '1', '/proc/sys/kernel/io_uring_group': '4711' }),
  );
  assert.match(answer.reason, '4711');
});

test('what has run out is exhausted, and what is forbidden or missing is not', () => {
  for (const errno of [Errno.ENOMEM, Errno.EMFILE, Errno.ENFILE])
    assert.is(explainRefusal(refused(errno), noMachine).exhausted, true);
  for (const errno of [Errno.EPERM, Errno.EACCES, Errno.EINVAL, Errno.ENOSYS])
    assert.is(explainRefusal(refused(errno), noMachine).exhausted, false);
});

test('an old kernel is named', () => {
  for (const release of ['4.19.0', '5.10.0-1', '5.18.19']) {
    const answer = explainRefusal(refused(Errno.EINVAL), machine({}, release));
    assert.is(answer.code, 'uring-kernel-too-old');
    assert.match(answer.reason, `The kernel ${release} is older`);
  }
});

test('EINVAL of a kernel that is not old is not the answer of that', () => {
  for (const release of ['5.19.0', '6.1.0-rc1', '10.0.0']) {
    const code = (status: string): string =>
      explainRefusal(refused(Errno.EINVAL), machine({ '/proc/self/status': status }, release)).code;
    assert.is(code('Seccomp:\t2\n'), 'uring-denied-by-seccomp');
    assert.is(code('Seccomp:\t0\n'), 'uring-denied');
  }
});

test('ENOSYS of a kernel that has io_uring is not the answer of that, whatever the sysctl says', () => {
  const answer = (files: Record<string, string>) => explainRefusal(refused(Errno.ENOSYS), machine(files));
  for (const disabled of ['0', '1']) {
    const files = { '/proc/sys/kernel/io_uring_disabled': disabled };
    assert.is(answer({ ...files, '/proc/self/status': 'Seccomp:\t2\n' }).code, 'uring-denied-by-seccomp');
    assert.is(answer(files).code, 'uring-denied');
  }
  const unknown = answer({ '/proc/self/status': 'Seccomp:\t2\n' });
  assert.is(unknown.code, 'uring-not-in-kernel');
  assert.match(unknown.remedy, /CONFIG_IO_URING.*seccomp profile that allows io_uring_setup/);
});

test('an addon that is forbidden, refused or missing has a code and a remedy of its own', () => {
  const withCode = (code: string): Error => Object.assign(new Error('x'), { code });
  for (const code of ['ERR_DLOPEN_DISABLED', 'ERR_ACCESS_DENIED']) {
    assert.is(explainRefusal(withCode(code), noMachine).code, 'uring-addon-forbidden');
  }
  assert.is(explainRefusal(withCode('ERR_EXTERNAL_BUFFERS_REFUSED'), noMachine).code, 'uring-external-buffers-refused');
  const missing = new AddonError('@polyring/backend-uring', PACKAGE_ROOT, new Error('No native build was found'));
  const explained = explainRefusal(missing, noMachine);
  assert.is(explained.code, 'uring-addon-missing');
  assert.match(explained.reason, 'No native build was found');
  assert.is(explained.remedy, missing.remedy);
  assert.match(explained.remedy, 'npm rebuild @polyring/backend-uring');
  assert.is(explainRefusal(withCode('EIO'), noMachine).code, 'uring-denied');
});

test('the error of a driver that a system refuses a ring says why, and keeps its code', () => {
  const old = withReason(refused(Errno.EINVAL), machine({}, '5.15.0')) as NodeJS.ErrnoException;
  assert.match(old.message, /^EINVAL: .*, io_uring_setup\. .*5\.15\.0.* Use Linux 5\.19 or later/);
  assert.equal({ ...old }, { errno: Errno.EINVAL, code: 'EINVAL', syscall: 'io_uring_setup' });
  for (const other of [refused(Errno.ENOMEM), systemError(Errno.EINVAL, 'mmap'), new TypeError('x')]) {
    assert.is(withReason(other, noMachine), other);
  }
});

test.run();
