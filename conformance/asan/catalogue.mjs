import { ATTACKS } from './scenarios/attacks.mjs';

/**
 * One process that is to be judged.
 *
 * @typedef {object} Scenario
 * @property {string} name
 * @property {string} script A file in scenarios/.
 * @property {string[]} args
 * @property {number} code The exit code that is right.
 * @property {number} marked Operations that the kernel has to hold when the attack or the ending begins.
 * @property {string[]} convicts What the witness must convict it of. Empty: of nothing.
 * @property {string[]} flags Options of Node.js.
 * @property {number} seconds How long it goes on by itself, beyond what any scenario may take.
 * @property {number} since The first major version of Node.js that has what it uses.
 * @property {string[]} tolerates What it may be convicted of.
 * @property {boolean} leaks Whether the addons' memory leaks are looked for. In a negative control there has to be one.
 */

/** @type {Scenario} */
const DEFAULTS = {
  name: '',
  script: '',
  args: [],
  code: 0,
  marked: 100,
  convicts: [],
  tolerates: [],
  flags: [],
  since: 20,
  leaks: false,
  seconds: 0,
};

const ENDS = {
  'worker terminate': 0,
  'worker terminate in a loop': 0,
  'worker return': 0,
  'worker throw': 0,
  'worker process.exit': 0,
  'main returns': 0,
  'main process.exit': 3,
  'main throws': 1,
  'own returns': 0,
  'own process.exit': 3,
  'own throws': 1,
  'own close': 0,
  'own failure': 0,
};

const LOADS = [
  ['pipe reads'],
  ['pipe reads', 'storm'],
  ['file reads'],
  ['O_DIRECT reads'],
  ['timeouts'],
  ['eventfd waits'],
  ['eventfd waits', 'storm'],
];

const endings = LOADS.flatMap(([load, ...weather]) =>
  Object.entries(ENDS).map(([ending, code]) =>
    scenario([load, ...weather, ending].join(' | '), 'ending.mjs', [load, ending, ...weather], { code }),
  ),
);

/** One operation that completes again and again ends as others do: the ends that differ in who cancels it are enough. */
const MULTISHOT_ENDS = ['worker terminate', 'worker process.exit', 'main throws', 'own close', 'own failure'];

const multishots = [['multishot receives', 'storm'], ['polled sockets']].flatMap(([load, ...weather]) =>
  MULTISHOT_ENDS.map((ending) =>
    scenario([load, ...weather, ending].join(' | '), 'ending.mjs', [load, ending, ...weather], { code: ENDS[ending] }),
  ),
);

/** What is another thing for other operations. */
const CLOSER_LOOK = new Set([
  'no attack',
  'structuredClone',
  'structuredClone, clone dropped',
  'transfer()',
  'transfer(longer)',
  'postMessage, message dropped',
  "another addon's detach",
  'shrinking',
  'SharedArrayBuffer',
  'dropped',
  'dropped, promises too',
]);

const attacks = ['pipe reads', 'pipe writes', 'message receives', 'message sends', 'O_DIRECT reads'].flatMap(
  (operation) =>
    Object.entries(ATTACKS)
      .filter(([attack]) => operation === 'pipe reads' || CLOSER_LOOK.has(attack))
      .map(([attack, { since = 20 }]) =>
        scenario(`${operation} | ${attack}`, 'attack.mjs', [operation, attack], {
          since,
          // The device answers when it wants to.
          marked: operation === 'O_DIRECT reads' ? 1 : 100,
        }),
      ),
);

/** Attacks that a getter makes while the addon of sys gathers views. */
const gathering = Object.entries(ATTACKS)
  .filter(([, { lent, forgets, drops }]) => !lent && !forgets && !drops)
  .map(([attack, { since = 20 }]) =>
    scenario(`gathered views | ${attack}`, 'gather.mjs', [attack], { marked: 0, since }),
  );

/** In the midst of what workers are ended. */
const sudden = [
  'calls return',
  'views are gathered',
  'getters throw',
  'the thread pool is at work',
  'watches come and go',
  'callbacks of a watch throw',
  'drivers are made',
  'rings are dropped',
  'descriptors are owned and disowned',
  'connections are told of',
].map((way) => scenario(`sudden end | ${way}`, 'sudden.mjs', [way], { marked: 0 }));

/** Without WebAssembly the pool's memory is mapped by the addon. */
const withoutWebAssembly = [
  scenario('no WebAssembly | pipe reads | worker terminate', 'ending.mjs', ['pipe reads', 'worker terminate']),
  scenario('no WebAssembly | pipe reads | own returns', 'ending.mjs', ['pipe reads', 'own returns']),
  scenario('no WebAssembly | pipe reads | structuredClone', 'attack.mjs', ['pipe reads', 'structuredClone']),
].map((each) => ({ ...each, flags: ['--jitless'] }));

const leaks = [scenario('drivers come and go | leaks', 'leak.mjs', [], { marked: 0, leaks: true })];

/** Memory that is freed under the kernel's hands, and written to after that. */
const FREED = ['freedInFlight', 'poisonedAtCompletion'];

const controls = [
  control('a reference alone, structuredClone', FREED),
  control('a reference alone, transfer()', FREED, { since: 22 }),
  control('a reference alone, transfer(longer)', FREED, { since: 22 }),
  control('a reference alone, transfer(shorter)', FREED, { since: 22 }),
  control('a reference alone, postMessage', FREED),
  control("a reference alone, another addon's detach", FREED),
  control('a reference alone, shrinking', ['fault']),
  control('no reference, dropped', FREED),
  control('no reference, SharedArrayBuffer dropped', FREED),
  control('no clean-up hook, ArrayBuffers', FREED),
  control('no clean-up hook, ArrayBuffers, returning', FREED),
  control('no clean-up hook, ArrayBuffers, throwing', FREED),
  control('no clean-up hook, WebAssembly memory', ['unmappedInFlight']),
  control('closing without waiting', ['closedInFlight'], { leaks: true }),
  control('one block for two operations', ['shared']),
];

/**
 * Random entries for some seconds. They may name memory that is not there, and the same memory twice.
 *
 * @param {number} seconds
 * @param {number} [seed] Draws the same programs again. A random one otherwise.
 */
const fuzz = (seconds, seed) =>
  scenario('fuzz', 'fuzz.mjs', [seconds, ...(seed === undefined ? [] : [seed])].map(String), {
    marked: 0,
    tolerates: ['fault', 'shared'],
    seconds,
  });

/**
 * Every scenario, the negative controls first: without them the others prove nothing.
 *
 * @param {{ seconds: number, seed: number | undefined }} fuzzing
 */
export function scenarios({ seconds, seed }) {
  return [
    ...controls,
    ...endings,
    ...multishots,
    ...attacks,
    ...gathering,
    ...sudden,
    ...withoutWebAssembly,
    ...leaks,
    fuzz(seconds, seed),
  ];
}

function scenario(name, script, args, more = {}) {
  return { ...DEFAULTS, name, script, args, ...more };
}

function control(name, convicts, more = {}) {
  return scenario(`negative control | ${name}`, 'control.mjs', [name], { convicts, ...more });
}
