import type { Driver } from '../contract/driver.js';
import { checkBoolean, checkInteger, checkObject, invalidArgType } from '../errors/argument-error.js';
import { PolyringError } from '../errors/polyring-error.js';
import { type BackendSource, checkBackendSource } from './backend-source.js';
import { type CandidateExplanation, type Explanation, explainError, type PassedOverCandidate } from './explanation.js';
import type { DriverOptions, Unavailable } from './factory.js';
import { type Environment, isUringDisabled } from './kill-switch.js';
import { tryBackend } from './try-backend.js';
import { BackendUnavailableError } from './unavailable-error.js';

/** What a driver is selected by. */
export interface SelectionRequest {
  /** The backends to choose from. */
  readonly candidates: readonly BackendSource[];
  /** `auto` (the default), the name of a candidate, or a backend, which is the first then, in place of those of its name. */
  readonly backend?: string | BackendSource | undefined;
  /** Takes the first candidate in order or none. False by default. */
  readonly strict?: boolean | undefined;
  /** Opcodes that the driver must support besides those that its backend needs. None by default. */
  readonly requireOpcodes?: readonly number[] | undefined;
  /** What the driver is made with. */
  readonly options?: DriverOptions | undefined;
  /** Where the kill switch is looked up: `process.env` by default. */
  readonly environment?: Environment | undefined;
}

/** A selected driver, and why it is this one. */
export interface Selection {
  /** The driver. The caller closes it. */
  readonly driver: Driver;
  readonly explanation: Explanation;
}

/** The value of {@link SelectionRequest.backend} that leaves the choice to the candidates' priorities. */
export const AUTO = 'auto';

/**
 * Takes the first backend that can run here and has the opcodes.
 *
 * The order is the one that was asked for, if any, then the others by falling priority. What the machine does not
 * grant is passed over; where something ran out (ENOMEM, EMFILE, ENFILE) nothing else is tried, because another
 * backend would hide the trouble. `strict` never passes over.
 *
 * @throws (rejects) ERR_POLYRING_BACKEND_UNAVAILABLE, a {@link BackendUnavailableError}, if no backend is taken;
 * ERR_POLYRING_CONFIG if no candidate has the name; ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; ERR_INVALID_RETURN_VALUE
 * if a backend answers with what it may not; what a backend throws that is not a refusal
 */
export async function selectDriver(request: SelectionRequest): Promise<Selection> {
  checkObject(request, 'request');
  const { strict = false, requireOpcodes = [], options = {}, environment = process.env } = request;
  checkArray(request.candidates, 'candidates');
  checkArray(requireOpcodes, 'requireOpcodes');
  checkObject(options);
  checkBoolean(strict, 'strict');
  const order = inOrder(request);
  for (const [index, opcode] of requireOpcodes.entries()) checkInteger(opcode, `requireOpcodes[${index}]`, 0, 255);
  const terms = { isUringDisabled: isUringDisabled(environment), requiredOpcodes: requireOpcodes, options };

  const candidates: CandidateExplanation[] = order.map(({ name, priority }) => ({
    name,
    priority,
    outcome: 'not-tried',
  }));
  const explanation: Explanation = {
    requested: requestedName(request),
    strict,
    requiredOpcodes: requireOpcodes,
    candidates,
  };
  let cause: unknown;
  for (const [turn, source] of order.entries()) {
    const trial = await tryBackend(source, terms);
    const { name, priority } = source;
    if ('driver' in trial) {
      candidates[turn] = { name, priority, outcome: 'taken' };
      return { driver: trial.driver, explanation: { ...explanation, taken: name } };
    }
    candidates[turn] = passedOver(source, trial.refusal);
    cause = trial.refusal.cause;
    if (trial.refusal.exhausted || strict) break;
  }
  throw new BackendUnavailableError(explanation, cause);
}

function checkArray(value: unknown, name: string): void {
  if (!Array.isArray(value)) throw invalidArgType(name, 'an array', value);
}

function inOrder({ candidates, backend = AUTO }: SelectionRequest): readonly BackendSource[] {
  for (const [index, candidate] of candidates.entries()) checkBackendSource(candidate, `candidates[${index}]`);
  const byPriority = [...new Set(candidates)].sort((a, b) => b.priority - a.priority);
  if (backend === AUTO) return byPriority;
  if (typeof backend !== 'string') {
    checkBackendSource(backend, 'backend');
    return [backend, ...byPriority.filter(({ name }) => name !== backend.name)];
  }
  const named = byPriority.filter(({ name }) => name === backend);
  if (named.length === 0) throw unknownBackend(backend, byPriority);
  return [...named, ...byPriority.filter(({ name }) => name !== backend)];
}

function requestedName({ backend = AUTO }: SelectionRequest): string {
  return typeof backend === 'string' ? backend : backend.name;
}

function unknownBackend(name: string, candidates: readonly BackendSource[]): PolyringError {
  return new PolyringError(
    'ERR_POLYRING_CONFIG',
    `There is no backend "${name}". Choose one of ${namesOf(candidates)}.`,
  );
}

/** What the backend may be named as, in words. */
export function namesOf(candidates: readonly BackendSource[]): string {
  return [AUTO, ...new Set(candidates.map(({ name }) => name))].map((name) => `"${name}"`).join(', ');
}

function passedOver({ name, priority }: BackendSource, refusal: Unavailable): PassedOverCandidate {
  const { code, reason, remedy, exhausted, cause } = refusal;
  const candidate = { name, priority, outcome: 'passed-over', code, reason, remedy, exhausted } as const;
  return cause instanceof Error ? { ...candidate, error: explainError(cause) } : candidate;
}
