import { type BackendFactory, type Driver, IORING_OP_NOP } from '@polyring/core';
import type { Change } from '../seams/change.js';
import { overlay } from '../seams/overlay.js';
import { inDrivers } from '../seams/parts.js';
import type { Mutant } from './mutant.js';

/** A fault of what a backend answers to `availability()`. */
function answering(availability: (base: BackendFactory) => unknown): Change {
  return (base) => overlay(base, { availability: () => availability(base) } as Partial<BackendFactory>);
}

/** Backends that selection cannot choose. */
export const backendMutants: readonly Mutant[] = [
  {
    name: 'backend-answers-later',
    fault: 'Availability is answered by a promise.',
    base: 'epoll',
    convictedBy: ['backend.availability'],
    break: answering(async (base) => base.availability()),
  },
  {
    name: 'backend-refuses-without-reason',
    fault: 'A backend that is not available does not say why.',
    base: 'epoll',
    convictedBy: ['backend.availability'],
    break: answering(() => ({ available: false })),
  },
  {
    name: 'backend-drivers-lack-a-method',
    fault: 'A driver cannot wait for memory.',
    base: 'epoll',
    convictedBy: ['backend.driver'],
    break: inDrivers(() => ({ allocateAsync: undefined }) as unknown as Partial<Driver>),
  },
  {
    name: 'backend-needs-what-it-lacks',
    fault: 'Opcodes are listed as needed though there is no ring.',
    base: 'epoll',
    convictedBy: ['backend.minimum-opcodes'],
    break: (base) => overlay(base, { minimumOpcodes: [IORING_OP_NOP] }),
  },
];
