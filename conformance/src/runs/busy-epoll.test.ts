// timeout: 300
import { loadSubject } from '@polyring/testkit';
import { registerRules } from '@polyring/testkit/uvu';

registerRules(await loadSubject(`${import.meta.resolve('../subject.js')}?base=busy-epoll`));
