import { type Case, value } from '../case.js';
import { idleProcess } from '../rivals/idle-process.js';
import { EPOLL, URING } from './names.js';

/** Without the collection that V8 makes of its own accord 8 s after a start, in bare Node.js too. */
const idle = (name: string, backend: string) =>
  idleProcess(name, { script: 'idle', options: { backend }, flags: ['--expose-gc', '--no-memory-reducer'] });

const targets = (name: string) => [
  value('wakeups', '≤', 0, name),
  value('idleCpu', '≤', 0, name),
  value('memory', '≤', 2048, name),
  value('descriptorMemory', '≤', 400, name),
];

/** What a driver costs that has nothing to do. */
export const idleDriver: Case = {
  name: 'idle',
  title: 'A driver with nothing to do',
  about:
    'Seen from outside: how often its threads were woken, and their processor time, with a far timer and a quiet ' +
    'descriptor. From inside, after a collection: heap and mappings of a driver, of which each rival makes eight, and of a ' +
    'descriptor that is waited for, of which it makes 8,000. Nothing may be told of in that time, and what happens to the ' +
    'descriptor after it must be.',
  operation: 'watch',
  measures: ['wakeups', 'idleCpu', 'memory', 'descriptorMemory'],
  rivals: [idle(URING, 'uring'), idle(EPOLL, 'epoll'), idle('bare Node.js', 'none')],
  targets: [...targets(URING), ...targets(EPOLL)],
};
