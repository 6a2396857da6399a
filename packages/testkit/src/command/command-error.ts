/** Something that is told in one line and ends the command. */
export class CommandError extends Error {
  /** 1 it could not be done, 2 wrong usage. */
  readonly exitCode: 1 | 2;

  constructor(exitCode: 1 | 2, message: string) {
    super(message);
    this.exitCode = exitCode;
  }

  override get name(): string {
    return 'CommandError';
  }
}
