import { backendModule } from '@polyring/core/container';
import { pollBackend } from './factory.js';

/** The module that adds the backend to those of a container. */
export const pollModule = backendModule(pollBackend);
