import { createBackendDriver } from '../grid.test-support.js';
import { PolledFile } from './polled-file.js';

/** Copies a file on a backend, in a process of its own, and says how much memory that took beyond what there was. */
const [, , backend = '', from = '', to = ''] = process.argv;

const driver = await createBackendDriver(backend);
const source = await PolledFile.open(driver, from);
const target = await PolledFile.open(driver, to, 'w');
const before = process.memoryUsage.rss();
const bytes = await source.copyTo(target);
const extra = process.resourceUsage().maxRSS * 1024 - before;
await target.close();
await source.close();
await driver.close();
console.log(JSON.stringify({ bytes, extra }));
