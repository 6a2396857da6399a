import { inspect } from 'node:util';

/** An error as data that survives the way between processes. */
export interface ReportedError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  /** Everything that is known, with stack and causes, as text for people. */
  readonly detail: string;
}

/** Turns what was thrown, which may be anything, into data. */
export function reportError(thrown: unknown): ReportedError {
  const detail = inspect(thrown, { depth: 6 });
  if (!(thrown instanceof Error)) return { name: 'thrown value', message: detail, detail };
  const { name, message } = thrown;
  const code = 'code' in thrown ? thrown.code : undefined;
  return { name, message, ...(typeof code === 'string' ? { code } : {}), detail };
}

/** The first line of what was thrown. */
export function firstLine(thrown: unknown): string {
  const { message, name } = reportError(thrown);
  return (message === '' ? name : message).split('\n', 1)[0] as string;
}
