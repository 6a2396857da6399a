import type { BackendFactory } from '@polyring/core';

/** Returns a backend that does as another one, except for something. Called once in a process or a thread. */
export type Change = (base: BackendFactory) => BackendFactory;
