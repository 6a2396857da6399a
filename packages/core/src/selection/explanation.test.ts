import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { explainError } from './explanation.js';

test('whatever was thrown is told as data', () => {
  assert.equal(explainError(Object.assign(new Error('full'), { code: 'ENOSPC' })), { code: 'ENOSPC', message: 'full' });
  assert.equal(explainError(Object.assign(new Error('no code'), { code: '' })), { message: 'no code' });
  assert.equal(explainError('a text'), { message: 'a text' });
  assert.equal(explainError(undefined), { message: 'undefined' });
  assert.equal(explainError(Object.create(null)), { message: '[Object: null prototype] {}' });
  assert.equal(explainError({ code: 'E_OWN' }), { code: 'E_OWN', message: "{ code: 'E_OWN' }" });
});

test.run();
