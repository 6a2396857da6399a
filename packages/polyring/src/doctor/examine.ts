import { release } from 'node:os';
import { inspect, isDeepStrictEqual } from 'node:util';
import {
  type BackendSource,
  BackendUnavailableError,
  type Configuration,
  type Driver,
  type Environment,
  explainError,
  inspectBackend,
  OPCODES,
  type SelectionRequest,
  selectDriver,
  settingsOf,
} from '@polyring/core';
import { builtInBackends } from '../built-in-backends.js';
import { isOwnOption } from '../config/config-schema.js';
import { type ConfigurationPlaces, loadConfiguration } from '../config/load-configuration.js';
import { ownVersion } from '../own-version.js';
import { resolveBackend } from '../resolve-backend.js';
import { selectConfigured } from '../select-configured.js';
import { STALL_LIMIT, settledWithin } from '../stall.js';
import type {
  BackendReport,
  DoctorReport,
  OpcodeReport,
  SelectionReport,
  SettingReport,
  SystemReport,
} from './report.js';

/** What the application would do as configured. */
interface Configured {
  readonly selection: SelectionReport;
  readonly settings: readonly SettingReport[];
  /** The backend that configuration brings in, if it is not one of Polyring's own. */
  readonly ownBackend?: BackendReport;
}

/**
 * Examines what Polyring can do here, as the application of a directory would find it. Makes drivers and closes them.
 *
 * @param stallLimit milliseconds after which what does not settle is told as failed. It may keep the process
 */
export async function examine(places: ConfigurationPlaces = {}, stallLimit = STALL_LIMIT): Promise<DoctorReport> {
  const { environment = process.env } = places;
  const configured = await examineConfigured(places, environment, stallLimit);
  const { ownBackend } = configured;
  const others = builtInBackends.filter(({ name }) => name !== ownBackend?.name);
  return {
    ok: configured.selection.error === undefined,
    system: examineSystem(),
    backends: [
      ...(ownBackend === undefined ? [] : [ownBackend]),
      ...(await Promise.all(others.map((source) => examineBackend(source, environment, stallLimit)))),
    ],
    auto: await trySelection({ candidates: builtInBackends, environment }, { options: {} }, stallLimit),
    configured: configured.selection,
    settings: configured.settings,
    opcodes: await examineOpcodes(environment),
  };
}

async function examineConfigured(
  places: ConfigurationPlaces,
  environment: Environment,
  stallLimit: number,
): Promise<Configured> {
  let configuration: Configuration;
  try {
    configuration = await settledWithin(stallLimit, 'The config file has been loading', loadConfiguration({}, places));
  } catch (error) {
    return { selection: { error: explainError(error) }, settings: [] };
  }
  const settings = listSettings(configuration);
  try {
    const backend = await resolveBackend(configuration.backend, builtInBackends, places.directory ?? process.cwd());
    const request = { ...settingsOf(configuration), candidates: builtInBackends, backend, environment };
    const selecting = trySelection(request, configuration, stallLimit);
    if (typeof backend === 'string') return { selection: await selecting, settings };
    // At once, as both wait for a module that does not settle.
    const [selection, ownBackend] = await Promise.all([selecting, examineBackend(backend, environment, stallLimit)]);
    return { selection, settings, ownBackend };
  } catch (error) {
    return { selection: { error: explainError(error) }, settings };
  }
}

function examineSystem(): SystemReport {
  const { version: node, platform, arch } = process;
  return { polyring: ownVersion(), node, platform, arch, kernel: release(), uid: process.geteuid?.() ?? null };
}

async function examineBackend(
  source: BackendSource,
  environment: Environment,
  stallLimit: number,
): Promise<BackendReport> {
  const { name } = source;
  try {
    const inspection = inspectBackend(source, environment);
    const availability = await settledWithin(stallLimit, `The module "${name}" has been loading`, inspection);
    // A module tells its priority once it is loaded.
    const { priority } = source;
    if (availability.available) return { name, priority, available: true };
    const { cause, ...refusal } = availability;
    return { name, priority, ...refusal, ...(cause === undefined ? {} : { error: explainError(cause) }) };
  } catch (error) {
    const report = explainError(error);
    const reason = `It is faulty: ${report.message.split('\n', 1)[0]?.replace(/\.?$/, '.')}`;
    const remedy = 'Mend the backend, or choose another.';
    const refusal = { available: false, exhausted: false, code: 'backend-faulty', reason, remedy } as const;
    return { name, priority: source.priority, ...refusal, error: report };
  }
}

async function trySelection(
  request: SelectionRequest,
  configuration: Pick<Configuration, 'options'>,
  stallLimit: number,
): Promise<SelectionReport> {
  try {
    const selection = selectConfigured(request, configuration);
    const { driver, explanation } = await settledWithin(stallLimit, 'The driver has been opening', selection);
    await settledWithin(stallLimit, 'The driver has been closing', driver.close());
    return { explanation };
  } catch (error) {
    const report = { error: explainError(error) };
    return error instanceof BackendUnavailableError ? { explanation: error.explanation, ...report } : report;
  }
}

function listSettings(configuration: Configuration): readonly SettingReport[] {
  const { backend, strict, requireOpcodes, options, uringDisabled } = configuration;
  const name = typeof backend.value === 'string' ? backend.value : backend.value.name;
  return [
    { key: 'backend', value: name, origin: backend.origin },
    { key: 'strict', ...strict },
    { key: 'requireOpcodes', ...requireOpcodes },
    ...Object.entries(options).map(([key, { value, origin }]) => {
      const setting = { key: `options.${key}`, value: inJson(value), origin };
      return isOwnOption(key) ? setting : { ...setting, foreign: true as const };
    }),
    { key: 'io_uring disabled', ...uringDisabled },
  ];
}

/** A value as it is where JSON can hold it, and otherwise as text. */
function inJson(value: unknown): unknown {
  try {
    if (isDeepStrictEqual(JSON.parse(JSON.stringify(value)), value)) return value;
  } catch {
    // Text does for it.
  }
  return inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY });
}

async function examineOpcodes(environment: Environment): Promise<readonly OpcodeReport[]> {
  const driver = await openRing(environment);
  const opcodes = OPCODES.map((info) => ({ ...info, supported: driver?.ioUringProbe(info.opcode) ?? false }));
  await driver?.close();
  return opcodes;
}

async function openRing(environment: Environment): Promise<Driver | undefined> {
  try {
    const request = { candidates: builtInBackends, backend: 'uring', strict: true, environment };
    return (await selectDriver(request)).driver;
  } catch {
    return undefined;
  }
}
