import { Fixtures } from '../fixtures/fixtures.js';
import { loadSubject } from '../subject.js';
import { waitables } from '../waitables/object-waitables.js';

/* A process whose first waker calls `process.exit(7)`, with more of the batch to come and operations in flight. */
const [, , url = ''] = process.argv;
const { factory } = await loadSubject(url);
const driver = factory.create();
const fixtures = new Fixtures(url);
const all = [...waitables(fixtures, driver), ...waitables(fixtures, driver)];
for (const { arm } of all) arm(() => process.exit(7));
for (const { arm } of waitables(fixtures, driver)) arm(() => process.exit(8));
setImmediate(() => {
  for (const { raise } of all) raise();
});
