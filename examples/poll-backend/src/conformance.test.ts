// timeout: 300
import { loadSubject } from '@polyring/testkit';
import { registerRules } from '@polyring/testkit/uvu';

registerRules(await loadSubject(new URL('./index.js', import.meta.url).href));
