import { Fixtures } from '../fixtures/fixtures.js';
import { sources } from '../sources/object-sources.js';
import { loadSubject } from '../subject.js';

/* A process whose waker throws, with nobody to listen to uncaughtException. */
const [, , url = ''] = process.argv;
const { factory } = await loadSubject(url);
const driver = factory.create();
const [source] = sources(new Fixtures(url), driver);
source?.arm(() => {
  throw new Error('thrown by a waker');
});
source?.raise();
