import type { InterestSlot, PollEvents } from '@polyring/core';

/** An eventfd; `E1` is a semaphore. */
export type EventName = 'E0' | 'E1';
export type PipeName = 'P0' | 'P1';
/** The clock is for what belongs to no step of a program. */
export type TimerName = 'T0' | 'T1' | 'clock';
export type DescriptorName = EventName | `${PipeName}.${'reader' | 'writer'}`;

/** A readiness object is named after its descriptor; two of one descriptor are independent registrations. */
export type ReadinessName = `${DescriptorName}/${'ready' | 'ready2'}`;

/** A wait is named after its descriptor and, on a pipe, after the bytes it is for. */
export type WaitName = `${EventName}/${'wait' | 'wait2'}` | `${PipeName}.reader/${'wait1' | 'wait4'}`;

export type ObjectName = ReadinessName | WaitName | TimerName;

/**
 * One step of a program. The descriptors and objects that it names are made when a step needs them first, and anew
 * after they were closed or disposed. A step that cannot be done, such as a write to a pipe without a reader, is left out.
 */
export type Step =
  | { readonly do: 'signal'; readonly eventfd: EventName; readonly count: number }
  | { readonly do: 'take'; readonly eventfd: EventName }
  | { readonly do: 'write'; readonly pipe: PipeName; readonly length: number }
  | { readonly do: 'fill'; readonly pipe: PipeName }
  | { readonly do: 'read'; readonly pipe: PipeName; readonly length: number }
  | { readonly do: 'drain'; readonly pipe: PipeName }
  | { readonly do: 'close'; readonly descriptor: DescriptorName }
  | {
      readonly do: 'poll';
      readonly of: ReadinessName;
      readonly slot: InterestSlot;
      readonly events: PollEvents;
      readonly inWaker?: Reaction;
    }
  | { readonly do: 'clear'; readonly of: ReadinessName; readonly slot: InterestSlot }
  | { readonly do: 'wait'; readonly of: WaitName; readonly inWaker?: Reaction }
  | { readonly do: 'cancel'; readonly of: WaitName; readonly inWaker?: Reaction }
  /** `after`: milliseconds from now to the deadline; without it the deadline stays. */
  | { readonly do: 'timer'; readonly of: TimerName; readonly after?: number; readonly inWaker?: Reaction }
  | { readonly do: 'move'; readonly of: TimerName; readonly after: number }
  | { readonly do: 'dispose'; readonly of: ObjectName }
  /** Lets the deadline of a timer pass. */
  | { readonly do: 'expire'; readonly of: TimerName }
  /** Lets the loop turn once. */
  | { readonly do: 'turn' }
  /** Lets everything be delivered that was raised, and asks whether all were woken who should have been. */
  | { readonly do: 'settle' };

/** A step that ends at once: it may be done in a waker. */
export type Reaction = Exclude<Step, { do: 'expire' | 'turn' | 'settle' }>;
