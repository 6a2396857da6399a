import { QUANTILES, type Sample } from './sample.js';

/** One way to look at a sample. */
export interface Measure {
  /** The heading of a column. `%` stands for the operation. */
  readonly heading: string;
  readonly unit: string;
  readonly better: 'more' | 'less';
  readonly digits: number;
  /** Of what is not to happen at all all rounds count together: the median of them would not tell of what is rare. */
  readonly judgedBy?: 'mean';
  /** Undefined where the sample does not tell. */
  of(sample: Sample): number | undefined;
}

function quantile(part: (typeof QUANTILES)[number], heading: string): Measure {
  const index = QUANTILES.indexOf(part);
  return { heading, unit: 'µs', better: 'less', digits: 1, of: ({ quantiles }) => quantiles?.[index] };
}

function figure(name: string, heading: string, unit: string, digits: number): Measure {
  return { heading, unit, better: 'less', digits, of: ({ figures }) => figures?.[name] };
}

/** A figure of what is not to happen. */
function none(name: string, heading: string, unit: string, digits: number): Measure {
  return { ...figure(name, heading, unit, digits), judgedBy: 'mean' };
}

/** Everything that targets and tables may ask for. */
export const MEASURES = {
  rate: {
    heading: '%s/s',
    unit: '/s',
    better: 'more',
    digits: 0,
    of: ({ operations, seconds }) => operations / seconds,
  },
  cpu: {
    heading: 'CPU µs/%',
    unit: 'µs',
    better: 'less',
    digits: 2,
    of: ({ cpuSeconds, operations }) => (cpuSeconds === undefined ? undefined : (cpuSeconds / operations) * 1e6),
  },
  p50: quantile(0.5, 'p50 µs'),
  p99: quantile(0.99, 'p99 µs'),
  milliseconds: {
    heading: 'ms/%',
    unit: 'ms',
    better: 'less',
    digits: 1,
    of: ({ operations, seconds }) => (seconds / operations) * 1e3,
  },
  wakeups: none('wakeups', 'wake-ups/s', '/s', 1),
  idleCpu: none('idleCpu', 'CPU ms/s', 'ms/s', 3),
  memory: figure('memory', 'heap + mappings, KiB', 'KiB', 0),
  descriptorMemory: figure('descriptorMemory', 'B/descriptor', 'B', 0),
} satisfies Record<string, Measure>;

export type MeasureName = keyof typeof MEASURES;

/** A measured value for people. */
export function formatMeasure(name: MeasureName, value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return '';
  const { digits } = MEASURES[name];
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
