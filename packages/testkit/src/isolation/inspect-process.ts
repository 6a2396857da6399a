import { inspectSubject } from './inspect.js';
import { say } from './say.js';

const [, , job = ''] = process.argv;
await say(await inspectSubject(JSON.parse(job) as string, async () => {}));
// The driver stays open. Whether it closes as it should is a matter of the rules.
process.exit();
