import { InterestSlot, PollEvents } from '@polyring/core';
import fc, { type Arbitrary } from 'fast-check';
import type {
  DescriptorName,
  EventName,
  PipeName,
  Reaction,
  ReadinessName,
  Step,
  TimerName,
  WaitName,
} from './step.js';

const { IN, OUT, PRI, EMPTY } = PollEvents;

/** Steps of the longest program. */
const LONGEST = 30;

// The first of each is what a failing program shrinks to. The first objects come more often, so that steps meet.
const eventfd = fc.constantFrom<EventName>('E0', 'E0', 'E1');
const pipe = fc.constantFrom<PipeName>('P0', 'P0', 'P1');
const timer = fc.constantFrom<TimerName>('T0', 'T0', 'T1');
const descriptor = fc.constantFrom<DescriptorName>('P0.writer', 'P0.reader', 'P1.writer', 'P1.reader', 'E0', 'E1');
const readiness = fc.constantFrom<ReadinessName>(
  'E0/ready',
  'E0/ready',
  'P0.reader/ready',
  'P0.reader/ready',
  'P0.writer/ready',
  'E0/ready2',
  'P0.reader/ready2',
  'E1/ready',
  'P1.reader/ready',
  'P1.writer/ready',
);
const wait = fc.constantFrom<WaitName>(
  'E0/wait',
  'E0/wait',
  'P0.reader/wait1',
  'E0/wait2',
  'P0.reader/wait4',
  'E1/wait',
  'E1/wait2',
  'P1.reader/wait1',
);
const slot = fc.constantFrom<InterestSlot>(InterestSlot.Read, InterestSlot.Read, InterestSlot.Write);
const events = fc.constantFrom<PollEvents>(IN, IN, OUT, IN | OUT, PRI, EMPTY);
/** Milliseconds to a deadline. */
const deadline = fc.constantFrom(0.5, 0.2, 1.5, -1, 3_600_000);

/** The kind of a step. */
function kind<K extends Step['do']>(name: K): Arbitrary<K> {
  return fc.constant(name);
}

const raise = fc.oneof(
  fc.record({ do: kind('signal'), eventfd, count: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ do: kind('write'), pipe, length: fc.integer({ min: 1, max: 9 }) }),
);
const read = fc.oneof(
  fc.record({ do: kind('take'), eventfd }),
  fc.record({ do: kind('read'), pipe, length: fc.constantFrom(1, 3, 5000) }),
  fc.record({ do: kind('drain'), pipe }),
);
const change = fc.oneof(
  fc.record({ do: kind('clear'), of: readiness, slot }),
  fc.record({ do: kind('dispose'), of: fc.oneof(readiness, wait, timer) }),
  fc.record({ do: kind('move'), of: timer, after: deadline }),
);
const close = fc.record({ do: kind('close'), descriptor });
const fill = fc.record({ do: kind('fill'), pipe });

const pollOfReadiness = { do: kind('poll'), of: readiness, slot, events };
const pollOfWait = { do: kind('wait'), of: wait };
const pollOfCancel = { do: kind('cancel'), of: wait };
const pollOfTimer = { do: kind('timer'), of: timer, after: deadline };

const cancel = fc.record(pollOfCancel);
const poll = fc.oneof(
  fc.record(pollOfReadiness),
  fc.record(pollOfWait),
  fc.record(pollOfTimer, { requiredKeys: ['do', 'of'] }),
);

const reaction: { inWaker: Arbitrary<Reaction> } = { inWaker: fc.oneof(raise, read, change, poll, cancel, close) };

/** A poll that does something in its waker. */
const reactingPoll = fc.oneof(
  fc.record({ ...pollOfReadiness, ...reaction }, { requiredKeys: ['do', 'of', 'slot', 'events'] }),
  fc.record({ ...pollOfWait, ...reaction }, { requiredKeys: ['do', 'of'] }),
  fc.record({ ...pollOfTimer, ...reaction }, { requiredKeys: ['do', 'of'] }),
  fc.record({ ...pollOfCancel, ...reaction }, { requiredKeys: ['do', 'of'] }),
);

const step: Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: poll },
  { weight: 3, arbitrary: reactingPoll },
  { weight: 6, arbitrary: raise },
  { weight: 3, arbitrary: read },
  { weight: 3, arbitrary: change },
  { weight: 2, arbitrary: cancel },
  { weight: 2, arbitrary: close },
  { weight: 1, arbitrary: fill },
  { weight: 2, arbitrary: fc.record({ do: kind('turn') }) },
  { weight: 3, arbitrary: fc.record({ do: kind('settle') }) },
  { weight: 1, arbitrary: fc.record({ do: kind('expire'), of: timer }) },
);

/** Random programs, which shrink by leaving out steps. */
export const programs: Arbitrary<Step[]> = fc.array(step, { maxLength: LONGEST, size: 'max' });
