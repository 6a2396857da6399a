import { types } from 'node:util';
import {
  invalidArgType,
  type LoopHold,
  type Remote,
  type RemoteHandle,
  type RemoteInbox,
  type RemoteListener,
} from '@polyring/core';
import type { Engine } from '../engine/engine.js';
import type { NativeRing } from '../kernel/binding.js';
import type { KernelFeatures } from '../kernel/features.js';
import { Inbox, type InboxParts } from './inbox.js';
import { RemoteRing } from './remote-ring.js';

/** The inboxes of a driver, and its ways to those of others. */
export class Remotes implements InboxParts {
  readonly engine: Engine;
  readonly native: NativeRing;
  readonly hold: LoopHold;
  readonly #features: KernelFeatures;
  readonly #inboxes = new Set<Inbox>();
  #generations = 0;

  constructor(parts: {
    engine: Engine;
    native: NativeRing;
    hold: LoopHold;
    features: KernelFeatures;
  }) {
    this.engine = parts.engine;
    this.native = parts.native;
    this.hold = parts.hold;
    this.#features = parts.features;
  }

  listen(listener: RemoteListener): RemoteInbox {
    if (typeof listener !== 'function') throw invalidArgType('listener', 'of type function', listener);
    this.#require();
    this.#generations += 1;
    const inbox = new Inbox(this.#generations, listener, this);
    this.#inboxes.add(inbox);
    return inbox;
  }

  reach(handle: RemoteHandle): Remote {
    if (!isHandle(handle)) throw invalidArgType('handle', 'what driver.remoteHandle() returned', handle);
    this.#require();
    return new RemoteRing(handle, this);
  }

  /** Part of the drain that ends the driver: nothing arrives any more. */
  closeInboxes(): void {
    for (const inbox of [...this.#inboxes]) inbox.close();
  }

  closed(inbox: Inbox): void {
    this.#inboxes.delete(inbox);
  }

  #require(): void {
    this.engine.checkOpen();
    this.#features.require('remoteHandle');
  }
}

function isHandle(value: RemoteHandle): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    [value.fd, value.userData, value.generation].every((field) => Number.isSafeInteger(field) && field >= 0) &&
    types.isInt32Array(value.state) &&
    types.isSharedArrayBuffer(value.state.buffer)
  );
}
