import type { Scene } from './scene.js';
import type { DescriptorName, ObjectName, Reaction, Step } from './step.js';
import type { Trace } from './trace.js';

/** Does the steps that end at once. */
export class Interpreter {
  readonly #scene: Scene;
  readonly #trace: Trace;

  constructor(scene: Scene, trace: Trace) {
    this.#scene = scene;
    this.#trace = trace;
  }

  /** Does a step, or nothing where it cannot be done. */
  do(step: Reaction): void {
    const scene = this.#scene;
    switch (step.do) {
      case 'signal':
        this.#trace.step(`signal ${step.eventfd} by ${step.count}`);
        scene.event(step.eventfd).signal(step.count);
        break;
      case 'take':
        this.#trace.step(`read ${step.eventfd}`);
        this.#trace.answer(scene.event(step.eventfd).take());
        break;
      case 'write':
      case 'fill':
        this.#write(step);
        break;
      case 'read':
      case 'drain':
        this.#read(step);
        break;
      case 'close':
        this.#close(step.descriptor);
        break;
      case 'poll':
        scene.readiness(step.of)?.poll(step.slot, step.events, this.#reaction(step.inWaker));
        break;
      case 'clear':
        scene.readiness(step.of)?.clear(step.slot);
        break;
      case 'wait':
        this.#wait(step);
        break;
      case 'cancel':
        scene.wait(step.of)?.cancel(this.#reaction(step.inWaker));
        break;
      case 'timer':
        scene.timer(step.of).poll(step.after, this.#reaction(step.inWaker));
        break;
      case 'move':
        scene.timer(step.of).move(step.after);
        break;
      case 'dispose':
        if (scene.existing(step.of) !== undefined) this.#dispose(step.of);
    }
  }

  #write(step: Extract<Step, { do: 'write' | 'fill' }>): void {
    const pipe = this.#scene.pipe(step.pipe);
    if (!pipe.reading || !pipe.writing) return;
    this.#trace.step(step.do === 'fill' ? `fill ${step.pipe}` : `write ${step.length} bytes to ${step.pipe}`);
    this.#trace.answer(`${step.do === 'fill' ? pipe.fill() : pipe.write(step.length)} bytes`);
  }

  #read(step: Extract<Step, { do: 'read' | 'drain' }>): void {
    const pipe = this.#scene.pipe(step.pipe);
    if (!pipe.reading) return;
    this.#trace.step(`read ${step.do === 'drain' ? 'everything' : `up to ${step.length} bytes`} from ${step.pipe}`);
    this.#trace.answer(step.do === 'drain' ? pipe.drain() : pipe.read(step.length));
  }

  #wait(step: Extract<Step, { do: 'wait' }>): void {
    const wait = this.#scene.wait(step.of);
    // A cancel under way must be polled until it is over.
    if (wait?.cancelling === false) wait.poll(this.#reaction(step.inWaker));
  }

  #close(descriptor: DescriptorName): void {
    if (!this.#scene.isOpen(descriptor)) return;
    for (const name of this.#scene.watchersOf(descriptor)) this.#dispose(name);
    this.#trace.step(`close ${descriptor}`);
    this.#scene.close(descriptor);
  }

  #dispose(name: ObjectName): void {
    this.#trace.step(`dispose ${name}`);
    this.#scene.dispose(name);
  }

  #reaction(step: Reaction | undefined): (() => void) | undefined {
    return step === undefined ? undefined : () => this.do(step);
  }
}
