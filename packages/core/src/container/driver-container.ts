import { Container } from 'inversify';

/** A container that ends: disposing of it unbinds everything, which closes its drivers. */
export class DriverContainer extends Container implements AsyncDisposable {
  /** Unbinds everything, and resolves when every driver has closed. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.unbindAllAsync();
  }
}
