import { epollBackend } from '@polyring/backend-epoll';
import { uringBackend } from '@polyring/backend-uring';
import type { BackendFactory } from '@polyring/core';

/** Microseconds for which each driver looks for events before its thread sleeps. */
const BUSY_POLL = 50;

const name = new URL(import.meta.url).searchParams.get('backend');
const backend = [epollBackend, uringBackend].find((each) => each.name === name);
if (backend === undefined) throw new Error(`There is no backend ${name}`);

/** A backend of Polyring, named by `?backend=`, whose drivers poll busily. */
const busy: BackendFactory = {
  ...backend,
  create: (options) => backend.create({ busyPoll: BUSY_POLL, ...options }),
};
export default busy;
