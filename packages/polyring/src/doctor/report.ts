import type { ExplainedError, Explanation, Origin, Unavailable } from '@polyring/core';

/** The machine and the runtime. */
export interface SystemReport {
  /** Polyring's version. */
  readonly polyring: string;
  /** Node's version, such as `v24.1.0`. */
  readonly node: string;
  readonly platform: string;
  readonly arch: string;
  /** The kernel's release, as `uname -r` prints it. */
  readonly kernel: string;
  /** The effective user's number. */
  readonly uid: number | null;
}

/** Whether a backend can run here. */
export type BackendReport = { readonly name: string; readonly priority: number } & (
  | { readonly available: true }
  | ({ readonly error?: ExplainedError } & Omit<Unavailable, 'cause'>)
);

/** Whether the ring here supports an opcode. */
export interface OpcodeReport {
  readonly opcode: number;
  readonly name: string;
  /** The Linux version that brought it. */
  readonly since: string;
  /** False for every opcode where there is no ring. */
  readonly supported: boolean;
}

/** What a selection took, or why it failed. */
export interface SelectionReport {
  readonly explanation?: Explanation;
  /** Where no driver was had. */
  readonly error?: ExplainedError;
}

/** A configuration value in force, and where it came from. */
export interface SettingReport {
  /** The setting, such as `backend` or `options.entries`. */
  readonly key: string;
  /** What JSON cannot hold, such as Infinity or a function, is text: as `inspect` of `node:util` shows it. */
  readonly value: unknown;
  readonly origin: Origin;
  /** True for an option that means nothing to Polyring's own backends: somebody else's, or misspelt. */
  readonly foreign?: true;
}

/** What `polyring doctor` tells; with `--json` it is the document. */
export interface DoctorReport {
  /** Whether a driver can be had as configured. */
  readonly ok: boolean;
  readonly system: SystemReport;
  readonly backends: readonly BackendReport[];
  /** What `auto` takes here if nothing but the kill switch is configured. */
  readonly auto: SelectionReport;
  /** What `createDriver()` takes here as configured. */
  readonly configured: SelectionReport;
  /** Empty where the config file cannot be used. */
  readonly settings: readonly SettingReport[];
  readonly opcodes: readonly OpcodeReport[];
}
