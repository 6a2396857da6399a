import { epollBackend } from '@polyring/backend-epoll';
import { spuriousWakes } from './spurious-wakes.js';

/** A driver that does what the contract allows and ours do not do: the kit must not convict it. */
export default spuriousWakes(epollBackend);
