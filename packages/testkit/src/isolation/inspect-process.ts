import { inspectSubject } from './inspect.js';
import { followParent, say } from './say.js';

followParent();
const [, , job = ''] = process.argv;
await say(await inspectSubject(JSON.parse(job) as string, async () => {}));
// The driver stays open. Whether it closes as it should is a matter of the rules.
process.exit();
