import { formatMeasure, MEASURES, type MeasureName } from '../measures.js';
import { type Chart, ChartMaker, HEIGHT } from './charts.js';
import type { CaseReport, Distribution, Report, Row, Verdict } from './report.js';
import { styleOf } from './series-style.js';
import {
  absencesOf,
  foundOf,
  headingOf,
  limitOf,
  machineOf,
  methodOf,
  quartilesOf,
  tallyOf,
  verdictOf,
  versionsOf,
  wordsOf,
} from './words.js';

const STYLE = `
:root { color-scheme: light; --ink: #1a1a1a; --dim: #5c5c5c; --line: #dcdcdc; --good: #1b7837; --bad: #b2182b; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 80rem; color: var(--ink); background: #fff;
  font: 16px/1.45 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0.5rem 0; } h2 { font-size: 1.25rem; margin: 2rem 0 0.75rem; }
h3 { font-size: 1rem; margin: 0 0 0.25rem; }
p { margin: 0.25rem 0 0.75rem; } .dim { color: var(--dim); font-size: 0.85rem; }
.grid { display: grid; gap: 1.5rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 22rem), 1fr)); }
.cases { display: grid; gap: 2rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 36rem), 1fr)); }
figure, section { margin: 0; break-inside: avoid; min-width: 0; }
figure svg { display: block; width: 100%; max-width: 32rem; height: auto; overflow: visible; }
ul.legend { list-style: none; margin: 0.25rem 0 0; padding: 0; display: flex; flex-wrap: wrap; gap: 0 1rem;
  font-size: 0.8rem; }
ul.legend svg { display: inline-block; width: 1.75rem; height: 0.5rem; margin-right: 0.35rem; }
table { border-collapse: collapse; width: 100%; font-size: 0.85rem; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 0.2rem 0 0.2rem 0.6rem; border-top: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; border-top: 0; vertical-align: bottom; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
.wide { overflow-x: auto; }
td small { display: block; color: var(--dim); font-size: 0.7rem; white-space: nowrap; }
ul.targets { list-style: none; margin: 0.6rem 0 0; padding: 0; font-size: 0.85rem; }
ul.targets li { padding: 0.1rem 0 0.1rem 1.4rem; text-indent: -1.4rem; }
.met::before, .missed::before, .open::before { display: inline-block; width: 1.4rem; text-indent: 0; font-weight: 700; }
.met::before { content: '✓'; color: var(--good); } .missed::before { content: '✗'; color: var(--bad); }
.open::before { content: '–'; color: var(--dim); }
.absent::first-letter { text-transform: uppercase; }
.found { font-weight: 600; white-space: nowrap; }
@media (max-width: 30rem) { td small { display: none; } table { font-size: 0.75rem; } th { font-size: 0.65rem; }
  th, td { padding-left: 0.25rem; } }
@media print { :root { font-size: 11px; } body { padding: 0; font-size: 1rem; max-width: none; } h2 { break-after: avoid; }
  .grid { grid-template-columns: repeat(2, 1fr); } .cases { display: block; } .cases section { margin-bottom: 2rem; }
  .wide { overflow-x: visible; } }
`;

/** A run as one HTML page that needs nothing else. */
export async function pageOf(report: Report): Promise<string> {
  const { machine, cases, startedAt } = report;
  const charts = (await ChartMaker.for(report)).all();
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Polyring beside the alternatives</title>
<style>${STYLE}</style>
<h1>Polyring beside the alternatives</h1>
<p>${escaped(tallyOf(report))}. ${escaped(methodOf(report))}</p>
<p class="dim">${escaped(machineOf(machine))}; load before the run ${machine.load.toFixed(1)}.<br>
${escaped(versionsOf(machine))}.<br>
Commit ${escaped(machine.commit)}, ${escaped(startedAt.slice(0, 16).replace('T', ' '))} UTC. Each case says how its results are verified; who had a wrong one is not shown.</p>
<h2>Plots</h2>
<div class="grid">
${charts.map(figure).join('\n')}
</div>
<h2>Cases</h2>
<div class="cases">
${cases.map(section).join('\n')}
</div>
</html>
`;
}

/** The picture for README: reads over depth and echoes over connections, side by side. */
export async function pictureOf(report: Report): Promise<string> {
  const charts = await ChartMaker.for(report);
  const panels = [charts.readsOverDepth(), charts.echoesOverConnections()].filter((chart) => chart !== undefined);
  if (panels.length === 0)
    throw new Error('The picture shows the cases read-* and echo-*, and the run had none of them.');
  const [width, top, row] = [480, 56, 18];
  const legendRows = Math.max(...panels.map(({ series }) => series.length));
  const height = top + HEIGHT + 12 + legendRows * row + 12;
  const body = panels.map((chart, index) => panel(chart, index * width + 10, top, row));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${panels.length * width + 10} ${height}" font-family="system-ui, sans-serif" font-size="11" fill="#1a1a1a">
<rect width="100%" height="100%" fill="#fff"/>
${body.join('\n')}
</svg>
`;
}

function panel({ title, caption, svg, series }: Chart, left: number, top: number, row: number): string {
  const legend = series.map((rival, index) => {
    const y = top + HEIGHT + 16 + index * row;
    return `<g transform="translate(0 ${y})">${stroke(rival)}<text x="34" y="4">${escaped(rival)}</text></g>`;
  });
  const placed = svg.replace('<svg', `<svg y="${top}" color="#1a1a1a"`);
  return `<g transform="translate(${left} 0)"><text y="22" font-size="14" font-weight="600">${escaped(title)}</text>
<text y="40" fill="#5c5c5c">${escaped(caption)}</text>${placed}${legend.join('')}</g>`;
}

function stroke(rival: string): string {
  const { colour, dash, width } = styleOf(rival);
  return `<line x2="28" stroke="${colour}" stroke-width="${width}" stroke-dasharray="${dash}"/>`;
}

function figure({ title, caption, svg, series }: Chart): string {
  const legend = series.map(
    (rival) => `<li><svg viewBox="0 -4 28 8" aria-hidden="true">${stroke(rival)}</svg>${escaped(rival)}</li>`,
  );
  return `<figure><h3>${escaped(title)}</h3><p class="dim">${escaped(caption)}</p>${svg}<ul class="legend">${legend.join('')}</ul></figure>`;
}

function section({ title, about, operation, measures, rows, verdicts, absent }: CaseReport): string {
  const headings = ['by', ...measures.map((name) => headingOf(name, operation)), 'first ÷ this'];
  const table = `<table><tr>${headings.map((text) => `<th>${breakable(text)}</th>`).join('')}</tr>${rows
    .map((each) => rowOf(each, measures))
    .join('')}</table>`;
  const missing = absencesOf(absent).map((text) => `<p class="dim absent">${escaped(text)}</p>`);
  return `<section><h3>${escaped(title)}</h3><p class="dim">${escaped(about)}</p>${rows.length > 0 ? `<div class="wide">${table}</div>` : ''}
<ul class="targets">${verdicts.map(target).join('')}</ul>${missing.join('')}</section>`;
}

function rowOf({ rival, measured, ratio }: Row, measures: readonly MeasureName[]): string {
  const cells = measures.map((name) => `<td>${cell(name, measured[name])}</td>`);
  return `<tr><td>${escaped(rival)}</td>${cells.join('')}<td>${ratio?.toFixed(2) ?? ''}</td></tr>`;
}

function cell(name: MeasureName, found: Distribution | undefined): string {
  if (found === undefined) return '';
  const range = `${formatMeasure(name, found.lowest)} – ${formatMeasure(name, found.highest)}`;
  return `${formatMeasure(name, found.median)}${MEASURES[name].digits > 2 ? '' : `<small>${range}</small>`}`;
}

function target(verdict: Verdict): string {
  const [rounds, limit] = [quartilesOf(verdict), limitOf(verdict)];
  const more = [rounds, limit && `limit ${limit}`].filter((text) => text !== '').join('; ');
  return `<li class="${verdictOf(verdict)}">${escaped(verdict.of)} ${escaped(wordsOf(verdict))}: <span class="found">${escaped(foundOf(verdict))}</span>${more && ` <span class="dim">(${escaped(more)})</span>`}</li>`;
}

/** A heading that a narrow page breaks before what is counted, but not within `reads/s`. */
function breakable(heading: string): string {
  return escaped(heading).replace(/\/(?=..)/, '/<wbr>');
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
