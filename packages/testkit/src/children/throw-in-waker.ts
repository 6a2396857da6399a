import { Fixtures } from '../fixtures/fixtures.js';
import { loadSubject } from '../subject.js';
import { waitables } from '../waitables/object-waitables.js';

/* A process whose waker throws, with nobody to listen to uncaughtException. */
const [, , url = ''] = process.argv;
const { factory } = await loadSubject(url);
const driver = factory.create();
const [waitable] = waitables(new Fixtures(url), driver);
waitable?.arm(() => {
  throw new Error('thrown by a waker');
});
waitable?.raise();
