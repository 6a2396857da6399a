import type { Driver } from '@polyring/core';
import type { Fixtures } from '../fixtures/fixtures.js';
import type { Actor, Stage } from './actor.js';
import type { End } from './content.js';
import { EVENTFD_SIZE, EventfdSource } from './eventfd-source.js';
import { PipeSource } from './pipe-source.js';
import { ReadinessActor } from './readiness-actor.js';
import type { DescriptorName, EventName, ObjectName, PipeName, ReadinessName, TimerName, WaitName } from './step.js';
import { TimerActor } from './timer-actor.js';
import { WaitActor } from './wait-actor.js';

/** The descriptors and objects of a program, made when they are needed first. */
export class Scene {
  readonly #driver: Driver;
  readonly #fixtures: Fixtures;
  readonly #stage: Stage;
  readonly #events = new Map<EventName, EventfdSource>();
  readonly #pipes = new Map<PipeName, PipeSource>();
  readonly #timers = new Map<TimerName, TimerActor>();
  readonly #readiness = new Map<ReadinessName, ReadinessActor>();
  readonly #waits = new Map<WaitName, WaitActor>();

  constructor(driver: Driver, fixtures: Fixtures, stage: Stage) {
    this.#driver = driver;
    this.#fixtures = fixtures;
    this.#stage = stage;
  }

  /** Every eventfd and pipe that is there. */
  get sources(): [name: EventName | PipeName, source: EventfdSource | PipeSource][] {
    return [...this.#events, ...this.#pipes];
  }

  get timers(): TimerActor[] {
    return [...this.#timers.values()];
  }

  get readinesses(): ReadinessActor[] {
    return [...this.#readiness.values()];
  }

  get waits(): WaitActor[] {
    return [...this.#waits.values()];
  }

  /** Every object that is there. */
  get actors(): Actor[] {
    return [...this.#readiness.values(), ...this.waits, ...this.timers];
  }

  event(name: EventName): EventfdSource {
    return known(this.#events, name, () => {
      const semaphore = name === 'E1';
      return new EventfdSource(this.#fixtures.eventfd({ semaphore }), semaphore);
    });
  }

  pipe(name: PipeName): PipeSource {
    return known(this.#pipes, name, () => new PipeSource(this.#fixtures.pipe()));
  }

  timer(name: TimerName): TimerActor {
    return known(this.#timers, name, () => new TimerActor(name, this.#driver, this.#stage));
  }

  /** Undefined where the descriptor is closed. */
  readiness(name: ReadinessName): ReadinessActor | undefined {
    const { source, end } = this.#descriptor(name);
    const descriptor = source.descriptor(end);
    if (!descriptor.open) return undefined;
    return known(this.#readiness, name, () => {
      return new ReadinessActor(name, this.#driver, descriptor.fd, end, source.model, this.#stage);
    });
  }

  /** Undefined where the descriptor is closed, or has been read up to the end of the stream. */
  wait(name: WaitName): WaitActor | undefined {
    const { source, end } = this.#descriptor(name);
    const descriptor = source.descriptor(end);
    if (!descriptor.open || ('ended' in source && source.ended)) return undefined;
    const size = source instanceof EventfdSource ? EVENTFD_SIZE : Number(name.at(-1));
    return known(this.#waits, name, () => {
      const short = (): void => (source instanceof PipeSource ? source.end() : undefined);
      return new WaitActor(name, this.#driver, { fd: descriptor.fd, size, model: source.model, short }, this.#stage);
    });
  }

  /** An object that is there already. */
  existing(name: ObjectName): Actor | undefined {
    return (
      this.#readiness.get(name as ReadinessName) ??
      this.#waits.get(name as WaitName) ??
      this.#timers.get(name as TimerName)
    );
  }

  dispose(name: ObjectName): void {
    this.existing(name)?.dispose();
    for (const map of [this.#readiness, this.#waits, this.#timers]) (map as Map<string, unknown>).delete(name);
  }

  /** The names of the objects that watch a descriptor. */
  watchersOf(descriptor: DescriptorName): ObjectName[] {
    const names = [...this.#readiness.keys(), ...this.#waits.keys()];
    return names.filter((name) => name.startsWith(`${descriptor}/`));
  }

  /** Whether a descriptor is there and open. */
  isOpen(name: DescriptorName): boolean {
    const [source, end = 'reader'] = name.split('.') as [EventName | PipeName, End?];
    const found = this.#events.get(source as EventName) ?? this.#pipes.get(source as PipeName);
    return found?.descriptor(end).open === true;
  }

  /** Closes a descriptor whose watchers were disposed. An eventfd, or a pipe without an open end, is forgotten. */
  close(name: DescriptorName): void {
    const { source, end } = this.#descriptor(`${name}/`);
    if (source instanceof EventfdSource) source.descriptor().close();
    else source.close(end);
    for (const [name, { reading, writing }] of this.#pipes) if (!reading && !writing) this.#pipes.delete(name);
    this.#events.delete(name as EventName);
  }

  /** Closes every descriptor, without a word to the model. */
  end(): void {
    for (const source of this.#events.values()) source.descriptor().close();
    for (const source of this.#pipes.values()) {
      source.descriptor('reader').close();
      source.descriptor('writer').close();
    }
  }

  #descriptor(name: string): { source: EventfdSource | PipeSource; end: End } {
    const [descriptor = ''] = name.split('/');
    const [source, end = 'reader'] = descriptor.split('.') as [EventName | PipeName, End?];
    return { source: source.startsWith('E') ? this.event(source as EventName) : this.pipe(source as PipeName), end };
  }
}

function known<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
