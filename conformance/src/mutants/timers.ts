import { type Instant, now, Pending } from '@polyring/core';
import type { Change } from '../seams/change.js';
import { everyNth } from '../seams/counter.js';
import { EveryWaker } from '../seams/every-waker.js';
import { inTimers } from '../seams/parts.js';
import type { Mutant } from './mutant.js';

const NEVER = Number.POSITIVE_INFINITY as Instant;
const ALWAYS = Number.NEGATIVE_INFINITY as Instant;
/** The most milliseconds that 31 bits hold. */
const MAXIMUM = 2 ** 31 - 1;

/** A fault of timers that see every deadline otherwise than it was given. */
function deadlines(fault: (deadline: Instant) => Instant): Change {
  const change = (deadline: Instant): Instant => (typeof deadline === 'number' ? fault(deadline) : deadline);
  return inTimers((timer) => ({
    pollTimer: (waker, deadline) => timer.pollTimer(waker, deadline === undefined ? deadline : change(deadline)),
    setDeadline: (deadline) => timer.setDeadline(change(deadline)),
  }));
}

/** A pending timer's deadline moves. */
interface Move {
  readonly from: Instant;
  readonly to: Instant;
  /** Moves the deadline, now. */
  apply(deadline: Instant): void;
  /** Lets the next poll set the deadline. */
  holdBack(deadline: Instant): void;
}

/** A fault of moving the deadline of a pending timer. */
function moves(change: (move: Move) => void): Change {
  return inTimers((timer) => {
    let current: Instant | undefined;
    let heldBack: Instant | undefined;
    let pending = false;
    const apply = (deadline: Instant): void => {
      current = deadline;
      timer.setDeadline(deadline);
    };
    return {
      pollTimer: (waker, deadline = heldBack) => {
        heldBack = undefined;
        if (deadline !== undefined) current = deadline;
        const answer = timer.pollTimer(waker, deadline);
        pending = answer === Pending;
        return answer;
      },
      setDeadline: (to) => {
        heldBack = undefined;
        if (!pending || current === undefined) return apply(to);
        change({
          from: current,
          to,
          apply,
          holdBack: (deadline) => {
            heldBack = deadline;
          },
        });
      },
    };
  });
}

const unsetIsPending = inTimers((timer) => {
  let set = false;
  return {
    pollTimer: (waker, deadline) => {
      set ||= deadline !== undefined;
      return timer.pollTimer(waker, set ? deadline : NEVER);
    },
    setDeadline: (deadline) => {
      set = true;
      timer.setDeadline(deadline);
    },
  };
});

const spins = inTimers((timer) => {
  let pending = false;
  let spinning = false;
  const spin = (): void => {
    spinning = pending;
    if (pending) setImmediate(spin);
  };
  return {
    pollTimer: (waker, deadline) => {
      const answer = timer.pollTimer(waker, deadline);
      pending = answer === Pending;
      if (!spinning) spin();
      return answer;
    },
    [Symbol.dispose]: () => {
      pending = false;
      timer[Symbol.dispose]();
    },
  };
});

const wakesReplaced = inTimers((timer) => {
  const wakers = new EveryWaker();
  return { pollTimer: (waker, deadline) => timer.pollTimer(wakers.add(waker), deadline) };
});

const lengthenDisarms = inTimers((timer) => {
  let current = NEVER;
  let pending = false;
  let disarmed = false;
  return {
    pollTimer: (waker, deadline) => {
      if (deadline !== undefined) {
        current = deadline;
        disarmed = false;
      }
      const answer = timer.pollTimer(() => {
        if (!disarmed) waker();
      }, deadline);
      pending = answer === Pending;
      return answer;
    },
    setDeadline: (deadline) => {
      disarmed = pending && deadline > current;
      current = deadline;
      timer.setDeadline(deadline);
    },
  };
});

/** Wakes the waiter of a far deadline each millisecond, as a timeout of more than 31 bits does. */
const farSpins = inTimers((timer) => {
  let spinning: NodeJS.Timeout | undefined;
  return {
    pollTimer: (waker, deadline) => {
      if (deadline !== undefined && Number.isFinite(deadline) && deadline - now() > MAXIMUM) {
        spinning ??= setInterval(() => waker(), 1).unref();
      }
      return timer.pollTimer(waker, deadline);
    },
    [Symbol.dispose]: () => {
      clearInterval(spinning);
      timer[Symbol.dispose]();
    },
  };
});

const answersDeadline = inTimers((timer) => {
  let current: Instant | undefined;
  return {
    pollTimer: (waker, deadline) => {
      current = deadline ?? current;
      const answer = timer.pollTimer(waker, deadline);
      return answer === Pending ? answer : (current ?? answer);
    },
    setDeadline: (deadline) => {
      current = deadline;
      timer.setDeadline(deadline);
    },
  };
});

/** Answers with the time of the first poll that was ready, or with that of the wake, until the deadline is set anew. */
function keepsTime(since: 'answer' | 'wake'): Change {
  return inTimers((timer) => {
    let kept: Instant | undefined;
    let current: Instant | undefined;
    const set = (deadline = current): void => {
      if (deadline !== current) kept = undefined;
      current = deadline;
    };
    return {
      pollTimer: (waker, deadline) => {
        set(deadline);
        const answer = timer.pollTimer(() => {
          if (since === 'wake') kept = now();
          waker();
        }, deadline);
        if (answer === Pending) return answer;
        if (since === 'answer') kept ??= answer;
        return kept ?? answer;
      },
      setDeadline: (deadline) => {
        set(deadline);
        timer.setDeadline(deadline);
      },
    };
  });
}

const setsAfterDispose = inTimers((timer) => {
  let disposed = false;
  return {
    setDeadline: (deadline) => {
      if (!disposed) timer.setDeadline(deadline);
    },
    [Symbol.dispose]: () => {
      disposed = true;
      timer[Symbol.dispose]();
    },
  };
});

const unsetIsForEver = inTimers((timer) => {
  let set = false;
  return {
    pollTimer: (waker, deadline) => {
      set ||= deadline !== undefined;
      const answer = timer.pollTimer(waker, deadline);
      return set ? answer : NEVER;
    },
    setDeadline: (deadline) => {
      set = true;
      timer.setDeadline(deadline);
    },
  };
});

/** A deadline that a timer's waker moves, of another timer as well, is set by the next poll. */
const movesLateInWakers: Change = (base) => {
  let depth = 0;
  return inTimers((timer) => {
    let heldBack: Instant | undefined;
    return {
      pollTimer: (waker, deadline = heldBack) => {
        heldBack = undefined;
        return timer.pollTimer(() => {
          depth += 1;
          waker();
          depth -= 1;
        }, deadline);
      },
      setDeadline: (deadline) => {
        if (depth > 0) heldBack = deadline;
        else timer.setDeadline(deadline);
      },
    };
  })(base);
};

const isRoundedUp = everyNth(50);

/** Broken timers. */
export const timerMutants: readonly Mutant[] = [
  {
    name: 'timer-early',
    fault: 'Timers are due 1 ms early.',
    base: 'epoll',
    convictedBy: ['timer.not-early'],
    break: deadlines((deadline) => (deadline - 1) as Instant),
  },
  {
    name: 'timer-unset-pending',
    fault: 'A timer whose deadline was never set never comes.',
    base: 'epoll',
    convictedBy: ['timer.unset-ready'],
    break: unsetIsPending,
  },
  {
    name: 'timer-unset-is-for-ever',
    fault: 'A timer whose deadline was never set answers with Infinity.',
    base: 'epoll',
    convictedBy: ['timer.unset-ready'],
    break: unsetIsForEver,
  },
  {
    name: 'timer-past-disarms',
    fault: 'Moving the deadline of a pending timer to the past disarms the timer of the kernel.',
    base: 'epoll',
    convictedBy: ['timer.past-ready'],
    break: moves(({ to, apply, holdBack }) => (to <= now() ? holdBack(to) : apply(to))),
  },
  {
    name: 'timer-ignores-shorten',
    fault: 'Moving the deadline of a pending timer nearer does not reach the kernel.',
    base: 'epoll',
    convictedBy: ['timer.shorten'],
    break: moves(({ from, to, apply, holdBack }) => (to < from ? holdBack(to) : apply(to))),
  },
  {
    name: 'timer-far-ignores-shorten',
    fault: 'Moving the deadline of a pending timer nearer from more than 2^31 ms away does not reach the kernel.',
    base: 'epoll',
    convictedBy: ['timer.shorten'],
    break: moves(({ from, to, apply, holdBack }) => (from - now() > MAXIMUM && to > now() ? holdBack(to) : apply(to))),
  },
  {
    name: 'timer-ignores-shorten-in-wakers',
    fault: 'Moving the deadline of a pending timer in the waker of another one does not reach the kernel.',
    base: 'epoll',
    convictedBy: ['timer.shorten'],
    break: movesLateInWakers,
  },
  {
    name: 'timer-ignores-lengthen',
    fault: 'Moving the deadline of a pending timer further is ignored.',
    base: 'epoll',
    convictedBy: ['timer.lengthen'],
    break: moves(({ from, to, apply }) => {
      if (to <= from) apply(to);
    }),
  },
  {
    name: 'timer-lengthen-disarms',
    fault: 'A pending timer whose deadline moves further is not armed again.',
    base: 'epoll',
    convictedBy: ['timer.lengthened-fires'],
    break: lengthenDisarms,
  },
  {
    name: 'timer-spins',
    fault: 'The loop spins while a timer is pending.',
    base: 'epoll',
    convictedBy: ['timer.no-spinning'],
    break: spins,
  },
  {
    name: 'timer-overtaken',
    fault: 'Every 50th deadline is rounded up by 20 ms, so that later ones overtake it.',
    base: 'epoll',
    convictedBy: ['timer.order'],
    break: deadlines((deadline) => (isRoundedUp() ? deadline + 20 : deadline) as Instant),
  },
  {
    name: 'timer-dispose-keeps',
    fault: 'Disposing of a pending timer leaves it in the queue.',
    base: 'epoll',
    convictedBy: ['timer.dispose-pending'],
    break: inTimers(() => ({ [Symbol.dispose]: () => {} })),
  },
  {
    name: 'timer-wakes-replaced',
    fault: 'The wakers that were replaced are called along with the latest.',
    base: 'epoll',
    convictedBy: ['timer.latest-waker'],
    break: wakesReplaced,
  },
  {
    name: 'timer-infinity-overflows',
    fault: 'A deadline of Infinity overflows the time of the kernel and is due at once.',
    base: 'epoll',
    convictedBy: ['timer.infinite'],
    break: deadlines((deadline) => (deadline === NEVER ? now() : deadline)),
  },
  {
    name: 'timer-far-overflows',
    fault: 'A deadline more than 2^31 ms away overflows and is due at once.',
    base: 'epoll',
    convictedBy: ['timer.far'],
    break: deadlines((deadline) => (deadline < NEVER && deadline - now() > MAXIMUM ? now() : deadline)),
  },
  {
    name: 'timer-far-spins',
    fault: 'The waiter of a deadline more than 2^31 ms away is woken each millisecond.',
    base: 'epoll',
    convictedBy: ['timer.far'],
    break: farSpins,
  },
  {
    name: 'timer-minus-infinity-never',
    fault: 'A deadline of -Infinity never comes.',
    base: 'epoll',
    convictedBy: ['timer.past-ready'],
    break: deadlines((deadline) => (deadline === ALWAYS ? NEVER : deadline)),
  },
  {
    name: 'timer-answers-deadline',
    fault: 'The answer of a timer is its deadline.',
    base: 'epoll',
    convictedBy: ['timer.past-ready'],
    break: answersDeadline,
  },
  {
    name: 'timer-answers-wake',
    fault: 'The answer after a wake is the time of the wake.',
    base: 'epoll',
    convictedBy: ['timer.not-early'],
    break: keepsTime('wake'),
  },
  {
    name: 'timer-keeps-answer',
    fault: 'A timer that was ready answers with the same time again.',
    base: 'epoll',
    convictedBy: ['timer.not-early'],
    break: keepsTime('answer'),
  },
  {
    name: 'timer-sets-after-dispose',
    fault: 'Setting the deadline of a timer that was disposed of does nothing.',
    base: 'epoll',
    convictedBy: ['lifecycle.use-after-dispose'],
    break: setsAfterDispose,
  },
  {
    name: 'timer-negative-never',
    fault: 'A deadline below 0 is taken for one without a sign, and never comes.',
    base: 'epoll',
    convictedBy: ['timer.past-ready'],
    break: deadlines((deadline) => (deadline < 0 && deadline > ALWAYS ? NEVER : deadline)),
  },
  {
    name: 'timer-huge-overflows',
    fault: 'A deadline beyond 64 bits overflows and is due at once.',
    base: 'epoll',
    convictedBy: ['timer.far'],
    break: deadlines((deadline) => (deadline >= 2 ** 64 && deadline < NEVER ? ALWAYS : deadline)),
  },
];
