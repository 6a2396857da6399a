import { type Case, ratio } from '../case.js';
import { script } from '../rivals/script.js';
import { EPOLL, URING } from './names.js';

const FEW = 10;
const MANY = 10_000;

const beside = (name: string, idle: number): string => `${name}, ${idle.toLocaleString('en-US')} idle`;
const rivals = (name: string, backend: string) =>
  [MANY, FEW].map((idle) => script(beside(name, idle), { script: 'readiness', options: { backend, idle } }));

/** Whether descriptors to which nothing happens cost anything. */
export const readiness: Case = {
  name: 'readiness',
  title: 'Readiness of one descriptor beside 10,000 idle ones',
  about: 'Every event is read and compared; an event of an idle descriptor is an error.',
  operation: 'event',
  measures: ['rate', 'cpu'],
  rivals: [...rivals(URING, 'uring'), ...rivals(EPOLL, 'epoll')],
  targets: [
    ratio('cpu', '≤', 1.2, beside(URING, FEW)),
    ratio('cpu', '≤', 1.2, beside(EPOLL, FEW), beside(EPOLL, MANY)),
  ],
};
