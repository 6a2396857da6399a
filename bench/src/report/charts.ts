import type { ChartName } from '../case.js';
import { MEASURES } from '../measures.js';
import { QUANTILES } from '../sample.js';
import { loadPlotLibrary, type PlotLibrary } from './plot-library.js';
import type { CaseReport, Report } from './report.js';
import { styleOf } from './series-style.js';

/** One drawing, as SVG, with the rivals that it shows. */
export interface Chart {
  readonly title: string;
  readonly caption: string;
  readonly svg: string;
  readonly series: readonly string[];
}

const WIDTH = 380;
/** Of a chart of lines. */
export const HEIGHT = 260;
/** The label of the horizontal axis stands below the numbers. */
const MARGINS = { marginLeft: 48, marginBottom: 44 };
const LABEL_OFFSET = 38;
const COMMON = { width: WIDTH, style: { fontFamily: 'system-ui, sans-serif', fontSize: '11px', background: 'none' } };

interface Point {
  readonly rival: string;
  readonly x: number;
  readonly y: number;
}

/** Draws the charts of a report. */
export class ChartMaker {
  readonly #plot: PlotLibrary;
  readonly #document: object;
  readonly #report: Report;

  static async for(report: Report): Promise<ChartMaker> {
    const { Plot, document } = await loadPlotLibrary();
    return new ChartMaker(report, Plot, document);
  }

  private constructor(report: Report, plot: PlotLibrary, document: object) {
    this.#report = report;
    this.#plot = plot;
    this.#document = document;
  }

  /** Every chart for which there are results. */
  all(): Chart[] {
    return [
      this.readsOverDepth(),
      this.echoesOverConnections(),
      ...this.#latencies(),
      this.#timersOverCount(),
      ...this.#processorTimes(),
    ].filter((chart) => chart !== undefined);
  }

  readsOverDepth(): Chart | undefined {
    return this.#over('reads', 'rate', {
      title: 'Cached 4 KiB reads, over reads in flight',
      caption: 'Thousands of reads a second; more is better.',
      x: 'reads in flight',
      y: 'thousand reads/s',
      divisor: 1e3,
    });
  }

  echoesOverConnections(): Chart | undefined {
    return this.#over('echo', 'rate', {
      title: 'TCP echo of 64 bytes, over connections',
      caption: 'Thousands of messages a second; more is better.',
      x: 'connections',
      y: 'thousand messages/s',
      divisor: 1e3,
    });
  }

  #timersOverCount(): Chart | undefined {
    return this.#over('timers', 'cpu', {
      title: 'Processor time of a timer, over their number',
      caption: 'Microseconds to insert and fire one; less is better.',
      x: 'timers',
      y: 'µs a timer',
      divisor: 1,
    });
  }

  /** A line for each rival, over the cases of a chart. */
  #over(
    name: ChartName,
    measure: 'rate' | 'cpu',
    words: { title: string; caption: string; x: string; y: string; divisor: number },
  ): Chart | undefined {
    const cases = this.#report.cases.filter(({ plot }) => plot?.chart === name);
    const points = cases.flatMap(({ plot, rows }) =>
      rows.map(({ rival, measured }) => ({
        rival,
        x: plot?.at as number,
        y: (measured[measure]?.median ?? Number.NaN) / words.divisor,
      })),
    );
    const drawn = points.filter(({ rival }) => points.filter((point) => point.rival === rival).length > 1);
    if (drawn.length === 0) return undefined;
    const ticks = [...new Set(drawn.map(({ x }) => x))];
    return this.#lines(drawn, words, {
      x: {
        type: 'point',
        label: words.x,
        labelOffset: LABEL_OFFSET,
        domain: ticks,
        tickFormat: (value: number) => value.toLocaleString('en-US'),
      },
      y: { label: words.y, grid: true, zero: true, nice: true },
    });
  }

  /** How latencies are spread, where a case knows. */
  #latencies(): Chart[] {
    return this.#report.cases
      .filter(({ name }) => ['echo-50', 'echo-500', 'lateness'].includes(name))
      .flatMap(({ title, rows }) => {
        const points = rows.flatMap(({ rival, quantiles = [] }) =>
          quantiles.map((y, x) => ({ rival, x, y: Math.max(y, 1) })),
        );
        if (points.length === 0) return [];
        const words = { title: `Latency: ${title}`, caption: 'Microseconds, on a logarithmic scale; less is better.' };
        return [
          this.#lines(points, words, {
            x: {
              type: 'linear',
              label: 'part of all that took no longer',
              labelOffset: LABEL_OFFSET,
              ticks: QUANTILES.map((_, index) => index).filter((index) => index % 2 === 1),
              tickFormat: (index: number) => `${((QUANTILES[index] ?? 0) * 100).toLocaleString('en-US')} %`,
            },
            y: { type: 'log', label: 'µs', grid: true, tickFormat: (value: number) => value.toLocaleString('en-US') },
          }),
        ];
      });
  }

  #lines(points: readonly Point[], { title, caption }: { title: string; caption: string }, axes: object): Chart {
    const series = [...new Set(points.map(({ rival }) => rival))];
    const Plot = this.#plot;
    const marks = [...series].reverse().flatMap((rival) => {
      const { colour, dash, width } = styleOf(rival);
      const own = points.filter((point) => point.rival === rival).sort((a, b) => a.x - b.x);
      return [
        Plot.line(own, { x: 'x', y: 'y', stroke: colour, strokeWidth: width, strokeDasharray: dash }),
        Plot.dot(own, { x: 'x', y: 'y', fill: colour, r: width }),
      ];
    });
    return { title, caption, series, svg: this.#draw({ height: HEIGHT, ...MARGINS, ...axes, marks }) };
  }

  /** Bars of processor time an operation, for the cases that measure it. */
  #processorTimes(): Chart[] {
    return this.#report.cases
      .filter(({ name }) => ['read-32', 'read-direct', 'write-sync', 'echo-50', 'wakeups', 'nop'].includes(name))
      .flatMap((each) => this.#bars(each));
  }

  #bars({ title, rows, operation }: CaseReport): Chart[] {
    const bars = rows
      .map(({ rival, measured }) => ({ rival, y: measured.cpu?.median ?? Number.NaN }))
      .filter(({ y }) => !Number.isNaN(y));
    if (bars.length === 0) return [];
    const Plot = this.#plot;
    const label = (bar: (typeof bars)[0]): string => bar.y.toLocaleString('en-US', { maximumSignificantDigits: 3 });
    const svg = this.#draw({
      height: 56 + 30 * bars.length,
      marginBottom: MARGINS.marginBottom,
      marginLeft: 4,
      marginRight: 44,
      x: {
        labelOffset: LABEL_OFFSET,
        label: `${MEASURES.cpu.unit} of processor time a ${operation}`,
        grid: true,
        ticks: 4,
      },
      y: { axis: null, domain: bars.map(({ rival }) => rival), padding: 0.1 },
      marks: [
        Plot.barX(bars, {
          x: 'y',
          y: 'rival',
          fill: (bar: (typeof bars)[0]) => styleOf(bar.rival).colour,
          insetTop: 13,
        }),
        Plot.text(bars, { y: 'rival', text: 'rival', textAnchor: 'start', frameAnchor: 'left', dy: -8 }),
        Plot.text(bars, { x: 'y', y: 'rival', text: label, textAnchor: 'start', dx: 4, dy: 6 }),
        Plot.ruleX([0]),
      ],
    });
    return [{ title: `CPU: ${title}`, caption: 'Less is better.', svg, series: [] }];
  }

  #draw(options: object): string {
    return this.#plot.plot({ ...COMMON, ...options, document: this.#document }).outerHTML;
  }
}
