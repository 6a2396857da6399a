import { EAGAIN, ECANCELED } from '../transfer/again.js';
import type { CallParts } from '../transfer/call.js';
import type { Completing, RingWork, RingWorkHost } from '../transfer/completing.js';
import type { Lane } from '../transfer/lane.js';

/**
 * Stands in a lane until the socket is connected. The calls behind it wait, without an attempt that would take the
 * connect's error, and reject with it where the connect fails. To the lane it is a call that a ring does.
 */
export class ConnectGate implements CallParts<undefined>, Completing<undefined>, RingWork {
  readonly syscall = 'connect';
  readonly eager = true;
  readonly transfers = false;
  readonly first = true;
  #host: RingWorkHost | undefined;
  #isOpen = false;

  private constructor() {}

  /**
   * Puts one into a lane, behind the calls that are there.
   *
   * @param connecting the lane that connects
   */
  static put(lane: Lane, connected: Promise<void>, connecting: Lane): void {
    const gate = new ConnectGate();
    connected.then(
      () => gate.#open(),
      (error) => {
        if (error.code === 'ERR_POLYRING_DISPOSED') {
          // The half that is left goes on with what becomes of the connection.
          connecting.whenQuiet(() => gate.#open());
          return;
        }
        // Of that one the connection that there is goes on.
        if (error.code !== 'EISCONN') lane.rejectBehind(gate, error, isOver(error) ? gate.syscall : undefined);
        gate.#open();
      },
    );
    // Nobody asks what became of it.
    lane.run(gate).catch(() => {});
  }

  get completing(): this {
    return this;
  }

  attempt(): number | undefined {
    return this.#isOpen ? undefined : EAGAIN;
  }

  start(host: RingWorkHost): RingWork | undefined {
    if (this.#isOpen) return undefined;
    this.#host = host;
    return this;
  }

  completed(): number | undefined {
    return this.attempt();
  }

  flush(): undefined {}

  cancel(): void {
    this.#tell(ECANCELED);
  }

  #open(): void {
    this.#isOpen = true;
    this.#tell(0);
  }

  #tell(outcome: number): void {
    const host = this.#host;
    this.#host = undefined;
    host?.completed(outcome);
  }
}

/** Whether the attempt to connect is over too. One that its signal or its time has ended goes on, and the next could not begin. */
function isOver({ code }: NodeJS.ErrnoException): boolean {
  return code !== 'ABORT_ERR' && code !== 'ERR_POLYRING_TIMEOUT';
}
