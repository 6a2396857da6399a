import { Errno, PolyringError, type Sender, type SendSink } from '@polyring/core';
import { HeldSends } from '../../../packages/backend-uring/dist/engine/held-sends.js';
import { RingSender } from '../../../packages/backend-uring/dist/sender.js';
import type { Change } from '../seams/change.js';
import { inResources, isSink } from '../seams/completions.js';
import { inside, replaceMethod } from '../seams/internals.js';
import { overlay } from '../seams/overlay.js';
import type { Mutant } from './mutant.js';

const { ECANCELED } = Errno;

/** A fault in senders, given what makes the members of one that are not its own, and of its sink. */
function inSenders(change: {
  readonly sender?: (sender: Sender) => Partial<Sender>;
  readonly sink?: (sink: SendSink) => Partial<SendSink>;
}): Change {
  return inResources((resources) => ({
    sender: (socket, sink) => {
      const sender = resources.sender(socket, overlay(sink, change.sink?.(sink) ?? {}));
      return overlay(sender, change.sender?.(sender) ?? {});
    },
  }));
}

function tellsNoneOfCancelled(): void {
  const cancelled = new WeakSet<RingSender>();
  replaceMethod(RingSender.prototype, 'cancel', (cancel) => {
    return function (this: RingSender) {
      cancelled.add(this);
      cancel.call(this);
    };
  });
  replaceMethod(RingSender.prototype, 'complete', (complete) => {
    return function (this: RingSender, result) {
      complete.call(this, cancelled.delete(this) ? ECANCELED : result);
    };
  });
}

function forgetsHeld(): void {
  replaceMethod(HeldSends.prototype, 'tellRest', (tellRest) => {
    return function (this: HeldSends, _handle, most) {
      return tellRest.call(this, () => true, most);
    };
  });
}

/** A send is over for the sender when its sink has returned. */
const busyInSink = inResources((resources) => ({
  sender: (socket, sink) => {
    let isTelling = false;
    const sent: SendSink['sent'] = (result) => {
      isTelling = true;
      try {
        sink.sent(result);
      } finally {
        isTelling = false;
      }
    };
    const sender = resources.sender(socket, overlay(sink, { sent }));
    return overlay(sender, {
      send: (...args) => {
        if (isTelling) throw new PolyringError('ERR_POLYRING_ENTRY_IN_FLIGHT', 'The sender is sending');
        sender.send(...args);
      },
    });
  },
}));

/** The broken senders. */
export const senderMutants: readonly Mutant[] = [
  {
    name: 'sender-takes-late',
    fault: 'A sender takes the bytes a moment after they were given.',
    base: 'uring',
    convictedBy: ['sender.copy'],
    break: inSenders({
      sender: (sender) => ({ inFlight: true, send: (...args) => queueMicrotask(() => sender.send(...args)) }),
    }),
  },
  {
    name: 'sender-from-start',
    fault: 'A sender sends from the start of a view, wherever it was to begin.',
    base: 'uring',
    convictedBy: ['sender.copy'],
    break: inSenders({
      sender: (sender) => ({ send: (view, _offset, length, whole) => sender.send(view, 0, length, whole) }),
    }),
  },
  {
    name: 'sender-tells-twice',
    fault: 'The end of a send is told twice.',
    base: 'uring',
    convictedBy: ['sender.copy'],
    break: inSenders({
      sink: (sink) => ({
        sent: (result) => {
          sink.sent(result);
          sink.sent(result);
        },
      }),
    }),
  },
  {
    name: 'sender-part-is-whole',
    fault: 'A whole send is over when some was sent.',
    base: 'uring',
    convictedBy: ['sender.whole'],
    break: inSenders({
      sender: (sender) => ({ send: (view, offset, length) => sender.send(view, offset, length, false) }),
    }),
  },
  {
    name: 'sender-cancelled-sent-none',
    fault: 'A send that is cancelled tells that nothing was sent, whatever was.',
    base: 'uring',
    convictedBy: ['sender.cancel'],
    break: inside(tellsNoneOfCancelled),
  },
  {
    name: 'sender-forgets-held',
    fault: 'Of many sends that are over at once, those whose sockets have received nothing are not told of.',
    base: 'uring',
    convictedBy: ['sender.crowd'],
    break: inside(forgetsHeld),
  },
  {
    name: 'sender-fails-as-nothing',
    fault: 'A send that failed tells that it sent nothing.',
    base: 'uring',
    convictedBy: ['sender.failure'],
    break: inSenders({ sink: (sink) => ({ sent: (result) => sink.sent(Math.max(result, 0)) }) }),
  },
  {
    name: 'sender-flushes-later',
    fault: 'A flush leaves the send to the end of the tick.',
    base: 'uring',
    convictedBy: ['sender.flush'],
    break: inSenders({ sender: () => ({ flush: () => undefined }) }),
  },
  {
    name: 'sender-flush-is-success',
    fault: 'A flush answers that all was sent, though the socket has no room.',
    base: 'uring',
    convictedBy: ['sender.flush'],
    break: inSenders({
      sender: (sender) => {
        let given = 0;
        return {
          send: (view, offset, length, whole) => {
            given = length;
            sender.send(view, offset, length, whole);
          },
          flush: () => {
            sender.flush();
            return sender.inFlight ? given : undefined;
          },
        };
      },
    }),
  },
  {
    name: 'sender-close-is-success',
    fault: 'A send that the end of the driver cancelled is told as one that was done.',
    base: 'uring',
    convictedBy: ['sender.close'],
    break: inSenders({ sink: (sink) => ({ sent: (result) => sink.sent(result === ECANCELED ? 1000 : result) }) }),
  },
  {
    name: 'sender-swallows-throws',
    fault: 'What the sink of a sender throws is swallowed.',
    base: 'uring',
    convictedBy: ['sender.sink'],
    break: inSenders({
      sink: (sink) => ({
        sent: (result) => {
          try {
            sink.sent(result);
          } catch {}
        },
      }),
    }),
  },
  {
    name: 'sender-busy-in-sink',
    fault: 'A send that is given in the sink is refused, as the one before counts as in flight.',
    base: 'uring',
    convictedBy: ['sender.sink'],
    break: busyInSink,
  },
  {
    name: 'sender-coerces',
    fault: 'Numbers of bytes that are none are turned into some.',
    base: 'uring',
    convictedBy: ['sender.arguments'],
    break: inSenders({
      sender: (sender) => ({
        send: (view, offset, length, whole) => sender.send(view, Number(offset), Number(length), whole),
      }),
    }),
  },
  {
    name: 'sender-any-sink',
    fault: 'What is no sink of sends is told of none.',
    base: 'uring',
    convictedBy: ['sender.arguments'],
    break: inResources((resources) => ({
      sender: (socket, sink) =>
        resources.sender(socket, isSink(sink, 'sent', 'failed') ? sink : { sent() {}, failed() {} }),
    })),
  },
  {
    name: 'sender-drops-second',
    fault: 'A send that is given while another is in flight is dropped.',
    base: 'uring',
    convictedBy: ['sender.arguments'],
    break: inSenders({
      sender: (sender) => ({ send: (...args) => (sender.inFlight ? undefined : sender.send(...args)) }),
    }),
  },
];
