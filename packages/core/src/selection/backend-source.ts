import { invalidArgType } from '../errors/argument-error.js';
import type { BackendFactory } from './factory.js';

/** A backend whose code is loaded only when its turn comes. */
export interface DeferredBackend {
  /** The name that configuration uses. Same as the factory's. */
  readonly name: string;
  /** The rank. Same as the factory's, from when that is loaded on: one that is asked for comes first whatever it is. */
  readonly priority: number;
  /** Whether it stands on io_uring: the kill switch passes over such a backend without loading it. */
  readonly usesIoUring: boolean;
  /** Loads the factory. Rejects with the error that prevents it. */
  load(): Promise<BackendFactory>;
}

/** A backend in the form that selection takes: its factory, or how to load it. */
export type BackendSource = BackendFactory | DeferredBackend;

/** Whether a backend is still to be loaded. */
export function isDeferred(source: BackendSource): source is DeferredBackend {
  return 'load' in source && !('create' in source);
}

/** Whether a backend stands on io_uring, as far as it says without a driver. */
export function usesIoUring(source: BackendSource): boolean {
  return isDeferred(source) ? source.usesIoUring : source.minimumOpcodes.length > 0;
}

type Form = readonly [expected: string, isOfForm: (value: unknown) => boolean];

const NAME: Form = ['a string that is not empty', (value) => typeof value === 'string' && value !== ''];
const PRIORITY: Form = ['a number', (value) => typeof value === 'number' && !Number.isNaN(value)];
const FUNCTION: Form = ['a function', (value) => typeof value === 'function'];

const FACTORY: Readonly<Record<keyof BackendFactory, Form>> = {
  name: NAME,
  priority: PRIORITY,
  minimumOpcodes: ['an array of opcodes', Array.isArray],
  availability: FUNCTION,
  create: FUNCTION,
};

const DEFERRED: Readonly<Record<keyof DeferredBackend, Form>> = {
  name: NAME,
  priority: PRIORITY,
  usesIoUring: ['a boolean', (value) => typeof value === 'boolean'],
  load: FUNCTION,
};

/** Whether a value has the form of a {@link BackendFactory}, for one that comes from somebody else's module. */
export function isBackendFactory(value: unknown): value is BackendFactory {
  return isObject(value) && wrongMember(value, FACTORY) === undefined;
}

/**
 * Throws unless a value is a backend in one of its two forms.
 *
 * @throws ERR_INVALID_ARG_TYPE, naming the member that is missing or wrong
 */
export function checkBackendSource(value: unknown, name: string): asserts value is BackendSource {
  if (!isObject(value)) throw invalidArgType(name, 'a BackendFactory', value);
  const wrong = wrongMember(value, isDeferred(value as unknown as BackendSource) ? DEFERRED : FACTORY);
  if (wrong !== undefined) throw invalidArgType(`${name}.${wrong.member}`, wrong.expected, value[wrong.member]);
}

/** What a module exports. For one that was compiled to CommonJS that is in what `import` takes for its default export. */
export function exportsOf(module: object): Readonly<Record<string, unknown>> {
  const exports = module as Readonly<Record<string, unknown>>;
  const inner = exports.default;
  return isObject(inner) && inner.__esModule === true && 'default' in inner ? inner : exports;
}

/** The factory that a backend's module exports: `default`, or else `backend`. Undefined if it exports none. */
export function factoryOf(module: object): BackendFactory | undefined {
  const { default: first, backend: second } = exportsOf(module);
  return [first, second].find(isBackendFactory);
}

/** Why {@link factoryOf} finds nothing in a module, as a sentence: which export is missing, or which member of it is wrong. */
export function explainNoFactory(module: object): string {
  const exports = exportsOf(module);
  // A module of CommonJS that exports `backend` exports all that it exports as `default` too.
  for (const name of ['backend', 'default']) {
    const exported = exports[name];
    const wrong = isObject(exported) ? wrongMember(exported, FACTORY) : undefined;
    if (wrong === undefined) continue;
    return `Its export "${name}" is no BackendFactory: "${wrong.member}" must be ${wrong.expected}.`;
  }
  return 'It exports no BackendFactory: that must be the export "default" or "backend".';
}

/** The first member of an object that is missing or wrong, and what it must be. */
function wrongMember(object: Readonly<Record<string, unknown>>, forms: Readonly<Record<string, Form>>) {
  for (const [member, [expected, isOfForm]] of Object.entries(forms)) {
    if (!isOfForm(object[member])) return { member, expected };
  }
  return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
