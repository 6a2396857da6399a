import {
  Errno,
  IORING_OP_READ_MULTISHOT,
  IORING_OP_SEND_ZC,
  IORING_OP_SENDMSG_ZC,
  type IoUringFeature,
  type IoUringFeatures,
  PolyringError,
} from '@polyring/core';
import {
  IORING_FEAT_MIN_TIMEOUT,
  IORING_FEAT_REG_REG_RING,
  IORING_REGISTER_PBUF_RING,
  IORING_UNREGISTER_PBUF_RING,
  IOU_PBUF_RING_MMAP,
} from './abi.js';
import type { NativeRing } from './binding.js';
import { bufReg } from './register.js';

/** What tells whether the kernel has a feature: there is no probe for flags, only for what came with the same version. */
interface FeatureInfo {
  /** What it is, for an error's text. */
  readonly what: string;
  readonly since: string;
  readonly supported: (kernel: Kernel) => boolean;
}

interface Kernel {
  readonly native: NativeRing;
  readonly opcodes: readonly boolean[];
}

const opcode =
  (number: number) =>
  ({ opcodes }: Kernel): boolean =>
    opcodes[number] === true;

const feature =
  (bit: number) =>
  ({ native }: Kernel): boolean =>
    (native.features & bit) !== 0;

/** What every kernel has that grants a ring: it came with Linux 5.19 at the latest. */
const ALWAYS = {
  acceptMultishot: true,
  pollMultishot: true,
  fileTable: true,
  workerLimits: true,
  workerAffinity: true,
} as const satisfies Partial<IoUringFeatures>;

/** A feature that a kernel with a ring may lack. */
export type LaterFeature = Exclude<IoUringFeature, keyof typeof ALWAYS>;

const LATER: Readonly<Record<LaterFeature, FeatureInfo>> = {
  recvMultishot: { what: 'multishot receives', since: '6.0', supported: opcode(IORING_OP_SEND_ZC) },
  timeoutMultishot: {
    what: 'multishot timeouts',
    since: '6.4',
    supported: (kernel) => opcode(IORING_OP_READ_MULTISHOT)(kernel) || mapsBufferRings(kernel),
  },
  readMultishot: { what: 'multishot reads', since: '6.7', supported: opcode(IORING_OP_READ_MULTISHOT) },
  bufferRing: {
    what: 'rings of provided buffers',
    since: '5.19, and some distributions take it away',
    supported: hasBufferRings,
  },
  incrementalBuffers: {
    what: 'incremental consumption of provided buffers',
    since: '6.12',
    supported: (kernel) => feature(IORING_FEAT_MIN_TIMEOUT)(kernel) && hasBufferRings(kernel),
  },
  directDescriptors: { what: 'ranges of direct descriptors', since: '6.0', supported: opcode(IORING_OP_SEND_ZC) },
  sendZc: { what: 'sends without a copy', since: '6.0', supported: opcode(IORING_OP_SEND_ZC) },
  sendmsgZc: { what: 'messages sent without a copy', since: '6.1', supported: opcode(IORING_OP_SENDMSG_ZC) },
  sender: {
    what: 'sends that tell what was sent before they were cancelled',
    since: '6.1',
    supported: opcode(IORING_OP_SENDMSG_ZC),
  },
  remoteHandle: {
    what: 'messages to other rings that carry flags',
    since: '6.3',
    supported: feature(IORING_FEAT_REG_REG_RING),
  },
};

/**
 * Linux 5.19 brought them, and Ubuntu took them away again in updates of its 6.8. One at no address is refused for its
 * address where they are known.
 */
function hasBufferRings({ native }: Kernel): boolean {
  return native.register(IORING_REGISTER_PBUF_RING, bufReg(0, 1, TRIAL_GROUP, 0), 1) !== Errno.EINVAL;
}

/** Buffer rings in the kernel's own memory came with Linux 6.4. One of a single buffer is made and dropped. */
function mapsBufferRings({ native }: Kernel): boolean {
  const result = native.register(IORING_REGISTER_PBUF_RING, bufReg(0, 1, TRIAL_GROUP, IOU_PBUF_RING_MMAP), 1);
  if (result >= 0) native.register(IORING_UNREGISTER_PBUF_RING, bufReg(0, 1, TRIAL_GROUP, 0), 1);
  // So older kernels answer to flags. Whatever else is wrong, such as that memory is short, they have understood.
  return result !== Errno.EINVAL;
}

/** No buffer ring of the driver has it. */
const TRIAL_GROUP = 0xffff;

/** What the kernel below a ring has. It is asked when it is first needed. */
export class KernelFeatures {
  readonly #kernel: Kernel;
  #supported: IoUringFeatures | undefined;

  constructor(native: NativeRing, opcodes: readonly boolean[]) {
    this.#kernel = { native, opcodes };
  }

  get supported(): IoUringFeatures {
    this.#supported ??= Object.freeze({
      ...ALWAYS,
      ...Object.fromEntries(Object.entries(LATER).map(([name, { supported }]) => [name, supported(this.#kernel)])),
    }) as IoUringFeatures;
    return this.#supported;
  }

  /** Throws ERR_POLYRING_UNSUPPORTED, with the kernel version that has it, unless the kernel has the feature. */
  require(name: LaterFeature): void {
    if (this.supported[name]) return;
    const { what, since } = LATER[name];
    throw new PolyringError(
      'ERR_POLYRING_UNSUPPORTED',
      `This kernel has no ${what}. That came with Linux ${since}. Ask ioUring.features.${name} first.`,
    );
  }
}
