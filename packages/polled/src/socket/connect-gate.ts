import { Errno } from '@polyring/core';
import type { CallParts } from '../transfer/call.js';
import type { Completing, RingWork, RingWorkHost } from '../transfer/completing.js';
import type { Lane } from '../transfer/lane.js';
import type { Connecting } from './connecting.js';

const { EAGAIN, ECANCELED } = Errno;

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
   * @param connected what becomes of `connecting`
   * @param writing the lane that connects
   */
  static put(lane: Lane, connecting: Connecting, connected: Promise<void>, writing: Lane): void {
    const gate = new ConnectGate();
    connected.then(
      () => gate.#open(),
      (error) => {
        if (error.code === 'ERR_POLYRING_DISPOSED') {
          // The half that is left goes on with what becomes of the connection.
          writing.whenQuiet(() => {
            const failure = connecting.leaveHalf();
            if (failure !== undefined) lane.rejectBehind(gate, failure, gate.syscall);
            gate.#open();
          });
          return;
        }
        // The connection or the attempt that there is goes on.
        if (error.code !== 'EISCONN' && error.code !== 'EALREADY') {
          // An attempt that its signal or its time has ended goes on, and the next could not begin.
          const goesOn = connecting.begun && (error.code === 'ABORT_ERR' || error.code === 'ERR_POLYRING_TIMEOUT');
          lane.rejectBehind(gate, error, goesOn ? undefined : gate.syscall);
        }
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
