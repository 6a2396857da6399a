import {
  Entry,
  Errno,
  IORING_FILE_INDEX_ALLOC,
  IORING_OP_ACCEPT,
  IORING_OP_FILES_UPDATE,
  IORING_OP_FIXED_FD_INSTALL,
  IORING_OP_OPENAT,
  IORING_OP_OPENAT2,
  IORING_OP_PIPE,
  IORING_OP_POLL_REMOVE,
  IORING_OP_RECV,
  IORING_OP_SOCKET,
  IORING_POLL_UPDATE_EVENTS,
  IORING_POLL_UPDATE_USER_DATA,
  IOSQE_BUFFER_SELECT,
  IOSQE_CQE_SKIP_SUCCESS,
  IOSQE_IO_DRAIN,
  IOSQE_IO_HARDLINK,
  IOSQE_IO_LINK,
  invalidArgType,
  MSG_WAITALL,
  OPCODES,
  opcodeName,
  opcodeSyscall,
  PolyringError,
  systemError,
} from '@polyring/core';
import type { Engine } from '../engine/engine.js';
import type { KernelFeatures } from '../kernel/features.js';

const LINK_FLAGS = IOSQE_IO_LINK | IOSQE_IO_HARDLINK;

/** Why an entry may not have a flag of the SQE. */
const REASONS: readonly (readonly [flag: number, reason: string])[] = [
  [
    IOSQE_CQE_SKIP_SUCCESS,
    'An entry with IOSQE_CQE_SKIP_SUCCESS would leave its promise unsettled. Submit it without that flag.',
  ],
  [
    IOSQE_IO_DRAIN,
    'An entry with IOSQE_IO_DRAIN would hold up all that the driver is asked later, timers and cancels included, until all ' +
      'that it was asked before is over, waits included. Submit it without that flag once what must come first has settled.',
  ],
  [
    LINK_FLAGS,
    'An entry with IOSQE_IO_LINK or IOSQE_IO_HARDLINK would be linked to whatever the driver is asked next, by whomever. ' +
      'Submit it without that flag, together with what is to run behind it, by submitLinked().',
  ],
];

const REFUSED_FLAGS = REASONS.reduce((flags, [flag]) => flags | flag, 0);

/** Operations that make a file, which `file_index` may put into a slot. */
const MAKING = new Set([IORING_OP_OPENAT, IORING_OP_OPENAT2, IORING_OP_SOCKET, IORING_OP_ACCEPT, IORING_OP_PIPE]);

/** Which entries may be submitted, and what is wrong with the others. */
export class Admission {
  readonly #engine: Engine;
  readonly #supported: readonly boolean[];
  readonly #features: KernelFeatures;
  readonly #driver: string;

  /** @param supported what the kernel supports, by opcode; `driver` is the driver's name, for the errors' texts */
  constructor(engine: Engine, supported: readonly boolean[], features: KernelFeatures, driver: string) {
    this.#engine = engine;
    this.#supported = supported;
    this.#features = features;
    this.#driver = driver;
  }

  /** Whether the driver is open and the kernel supports an opcode. */
  supports(opcode: number): boolean {
    return !this.#engine.closed && this.#supported[opcode] === true;
  }

  /** As {@link check}, for an entry that is to settle a promise, and that may be linked to one behind it. */
  checkForPromise(entry: Entry, linked = false): void {
    this.check(entry, linked ? REFUSED_FLAGS & ~LINK_FLAGS : REFUSED_FLAGS);
    if (entry.multishot || (entry.flags & IOSQE_BUFFER_SELECT) !== 0) throw settlesNoPromise(entry);
  }

  /** Throws unless the entry may be given to the ring now. One look finds that it may; words are found for the few that may not. */
  check(entry: Entry, refusedFlags = REFUSED_FLAGS): void {
    if (
      entry instanceof Entry &&
      this.#engine.open &&
      this.#supported[entry.opcode] === true &&
      entry.owner === undefined &&
      (entry.flags & refusedFlags) === 0 &&
      (entry.rare === undefined || this.#sparesOthers(entry))
    ) {
      return;
    }
    throw this.#refusal(entry);
  }

  /**
   * The operation that it is about, if any, is in flight here, keeps its user_data, and is not lost by it; a slot that the
   * kernel chooses is none of those that `add` gives; and no more is received than a buffer holds.
   */
  #sparesOthers(entry: Entry): boolean {
    const { target } = entry;
    if (target !== undefined && target.owner !== this.#engine) return false;
    if (changesUserData(entry) || mayLosePoll(entry) || this.#mayOverflow(entry)) return false;
    return !allocatesSlot(entry) || this.#features.supported.directDescriptors;
  }

  /**
   * Linux before 6.8 forgets how large a selected buffer is where it goes on with a receive that has to be whole, and
   * writes what comes behind it. FIXED_FD_INSTALL came with the mend.
   */
  #mayOverflow({ opcode, flags, opFlags }: Entry): boolean {
    if (opcode !== IORING_OP_RECV || (flags & IOSQE_BUFFER_SELECT) === 0 || (opFlags & MSG_WAITALL) === 0) return false;
    return this.#supported[IORING_OP_FIXED_FD_INSTALL] !== true;
  }

  #refusal(entry: Entry): Error {
    this.#engine.checkOpen();
    if (!(entry instanceof Entry)) return noEntry(entry);
    if (this.#supported[entry.opcode] !== true) return unsupportedOpcode(entry.opcode, this.#driver);
    if (entry.owner !== undefined) {
      return new PolyringError(
        'ERR_POLYRING_ENTRY_IN_FLIGHT',
        `This ${opcodeName(entry.opcode)} entry was submitted and has not completed. Make another entry, or await the first.`,
      );
    }
    for (const [flag, reason] of REASONS) {
      if ((entry.flags & flag) !== 0) return new PolyringError('ERR_POLYRING_UNSUPPORTED', reason);
    }
    if (changesUserData(entry)) {
      return new PolyringError(
        'ERR_POLYRING_UNSUPPORTED',
        'An entry with IORING_POLL_UPDATE_USER_DATA would have the completion of a poll reach another operation, or nobody: ' +
          "user_data is the driver's. Remove the poll and add another one.",
      );
    }
    if (mayLosePoll(entry)) {
      return new PolyringError(
        'ERR_POLYRING_UNSUPPORTED',
        'An entry of pollUpdate() may have the kernel lose a poll that completes once, so that it never completes. ' +
          'Remove that poll by pollRemove(), and add another one. Those of pollMultishot() can be changed.',
      );
    }
    if (this.#mayOverflow(entry)) {
      return new PolyringError(
        'ERR_POLYRING_UNSUPPORTED',
        'Kernels before Linux 6.8 may write behind a selected buffer that MSG_WAITALL is to fill. Receive without that flag.',
      );
    }
    if (allocatesSlot(entry)) this.#features.require('directDescriptors');
    // What is not in flight here cannot be found here, and its user_data may be somebody else's.
    return systemError(Errno.ENOENT, opcodeSyscall(entry.opcode));
  }
}

function noEntry(value: unknown): TypeError {
  const isOfAnotherCopy = (value as object | null | undefined)?.constructor?.name === Entry.name;
  const expected = isOfAnotherCopy
    ? 'an Entry of the copy of @polyring/core that the driver uses: "npm ls @polyring/core" shows the copies'
    : 'an Entry of @polyring/core';
  return invalidArgType('entry', expected, value);
}

function changesUserData({ opcode, len }: Entry): boolean {
  return opcode === IORING_OP_POLL_REMOVE && (len & IORING_POLL_UPDATE_USER_DATA) !== 0;
}

/**
 * Linux from 5.19 on forgets a poll that completes once if what it is changed to wait for is there already, until a mend
 * that came by updates as well (seen on 5.19 and 6.2, and not on recent 6.8, 6.18 and 7.0). The poll neither completes
 * nor can be cancelled, and holds up the end of the environment. Nothing but such a loss tells of the mend.
 */
function mayLosePoll({ opcode, len, target }: Entry): boolean {
  return opcode === IORING_OP_POLL_REMOVE && (len & IORING_POLL_UPDATE_EVENTS) !== 0 && target?.multishot !== true;
}

/** Whether the kernel chooses a slot for it among the registered files. It looks at 32 bits, and -1 has the same ones. */
function allocatesSlot({ opcode, off, fileIndex }: Entry): boolean {
  const slot = opcode === IORING_OP_FILES_UPDATE ? off : fileIndex;
  if (slot >>> 0 !== IORING_FILE_INDEX_ALLOC) return false;
  return opcode === IORING_OP_FILES_UPDATE || MAKING.has(opcode);
}

function settlesNoPromise(entry: Entry): PolyringError {
  const why = entry.multishot ? 'completes again and again' : 'has the kernel select a buffer';
  return new PolyringError(
    'ERR_POLYRING_UNSUPPORTED',
    `This ${opcodeName(entry.opcode)} entry ${why}, and a promise settles once, with a result alone. ` +
      'Give it to driver.multishot(), or make an entry that does not.',
  );
}

function unsupportedOpcode(opcode: number, driver: string): PolyringError {
  const known = OPCODES.find((candidate) => candidate.opcode === opcode);
  const since = known === undefined ? 'No kernel that this version knows has it' : `It came with Linux ${known.since}`;
  return new PolyringError(
    'ERR_POLYRING_UNSUPPORTED',
    `The kernel below the driver "${driver}" does not support ${known?.name ?? `opcode ${opcode}`}. ${since}. ` +
      'Ask ioUringProbe(opcode) first.',
  );
}
