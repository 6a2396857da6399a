// timeout: 300
import { loadSubject } from '@polyring/testkit';
import { registerRules } from '@polyring/testkit/uvu';
import { test } from 'uvu';
import { refusedHere } from '../refused.js';

const subject = await loadSubject(import.meta.resolve('@polyring/backend-uring'));

if (refusedHere(subject.factory)) test.run();
else registerRules(subject);
