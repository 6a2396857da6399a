import {
  type Driver,
  ForwardingDriver,
  IORING_OP_ACCEPT,
  IORING_OP_CONNECT,
  IORING_OP_RECV,
  IORING_OP_SEND,
} from '@polyring/core';
import { driverFor } from './driver-for.js';

/** A driver with a ring that does not grant some operations, so that polled objects do them by readiness. */
class Without extends ForwardingDriver {
  readonly #opcodes: ReadonlySet<number>;

  constructor(driver: Driver, ...opcodes: number[]) {
    super(driver);
    this.#opcodes = new Set(opcodes);
  }

  override ioUringProbe(opcode: number): boolean {
    return !this.#opcodes.has(opcode) && super.ioUringProbe(opcode);
  }
}

/** How polled sockets do what finds nothing, or no room. */
export type By = 'completions' | 'readiness';

/** Drivers on one ring, by how polled sockets on them do what finds nothing, or no room. */
export async function driversBy(): Promise<Readonly<Record<By, Driver>>> {
  const completions = await driverFor('uring');
  return {
    completions,
    readiness: new Without(completions, IORING_OP_ACCEPT, IORING_OP_CONNECT, IORING_OP_RECV, IORING_OP_SEND),
  };
}
