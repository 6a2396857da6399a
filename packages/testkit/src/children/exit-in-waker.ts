import { Fixtures } from '../fixtures/fixtures.js';
import { sources } from '../sources/object-sources.js';
import { loadSubject } from '../subject.js';

/* A process whose first waker calls `process.exit(7)`, with more of the batch to come and operations in flight. */
const [, , url = ''] = process.argv;
const { factory } = await loadSubject(url);
const driver = factory.create();
const fixtures = new Fixtures(url);
const all = [...sources(fixtures, driver), ...sources(fixtures, driver)];
for (const { arm } of all) arm(() => process.exit(7));
for (const { arm } of sources(fixtures, driver)) arm(() => process.exit(8));
setImmediate(() => {
  for (const { raise } of all) raise();
});
