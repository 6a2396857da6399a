import { turn } from '../polling/turn.js';
import type { RuleContext } from '../running/context.js';
import { Delivery } from './delivery.js';
import { Disagreement } from './disagreement.js';
import { epilogue } from './epilogue.js';
import { Interpreter } from './interpreter.js';
import { Scene } from './scene.js';
import { isNear, Settling } from './settling.js';
import type { Step } from './step.js';
import { Trace } from './trace.js';
import { WakeGuard } from './wake-guard.js';

/** Milliseconds after which what has not come is taken for lost, before scaling. Only a broken driver makes it wait. */
const PATIENCE = 250;

/** What a program needs of a rule's context. */
export type ProgramContext = Pick<RuleContext, 'createDriver' | 'barrier' | 'fixtures' | 'scale'>;

/** A disagreement, with what the program did. */
export class ProgramError extends Error {
  override get name(): string {
    return 'ProgramError';
  }

  /** The program as it ran, as lines to read. */
  readonly trace: readonly string[];

  constructor(trace: readonly string[], cause: unknown) {
    super(cause instanceof Disagreement ? cause.message : String(cause), { cause });
    this.trace = trace;
  }
}

/**
 * Runs a program, and what belongs to the end of each, against a new driver and against the model.
 *
 * @throws ProgramError where they disagree
 */
export async function runProgram(program: readonly Step[], context: ProgramContext): Promise<void> {
  const driver = await context.createDriver();
  const trace = new Trace();
  const guard = new WakeGuard(trace);
  const scene = new Scene(driver, context.fixtures, { trace, guard });
  const delivery = new Delivery(context, driver, PATIENCE * context.scale);
  const settling = new Settling(scene, delivery, guard);
  const interpreter = new Interpreter(scene, trace);
  try {
    for (const step of program) await perform(step);
    if (scene.actors.length > 0) {
      trace.note('at the end of the program:');
      await epilogue({ scene, trace, settling, interpreter });
    }
    guard.end();
    if (!(await delivery.inTime(driver.close()))) throw new Disagreement('close did not end');
  } catch (error) {
    throw new ProgramError(trace.lines, error);
  } finally {
    guard.end();
    await delivery.inTime(driver.close().catch(() => {}));
    scene.end();
  }

  async function perform(step: Step): Promise<void> {
    switch (step.do) {
      case 'turn':
        trace.step('let the loop turn');
        await turn();
        guard.check();
        break;
      case 'settle':
        trace.step('let everything be delivered');
        await settling.settle();
        break;
      case 'expire': {
        const timer = scene.timer(step.of);
        if (!isNear(timer.due)) return;
        trace.step(`let ${step.of} expire`);
        await settling.expire(timer);
        break;
      }
      default:
        interpreter.do(step);
    }
  }
}
