import { epollBackend } from '@polyring/backend-epoll';
import { drivers } from './drivers.js';

const name = new URL(import.meta.url).search.slice(1);
const change = drivers[name];
if (change === undefined) throw new RangeError(`There is no allowed driver "${name}"`);

/** The allowed driver that the URL's query names. */
export default change(epollBackend);
