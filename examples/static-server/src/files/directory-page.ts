import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PolledFile } from 'polyring';
import type { Root } from './root.js';

/** An entry as the page shows it. */
interface Row {
  readonly name: string;
  readonly isDirectory: boolean;
  readonly size: number;
  readonly modified: Date;
}

const STYLE = `
:root { color-scheme: light dark; --line: #8883; --faint: light-dark(#5f6368, #9aa0a6); --accent: light-dark(#0b57d0, #8ab4f8); }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1rem 4rem; max-width: 56rem; font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.25rem; font-weight: 600; overflow-wrap: anywhere; margin: 0 0 1rem; }
a { color: var(--accent); text-decoration: none; }
a:hover, a:focus-visible { text-decoration: underline; }
table { width: 100%; border-collapse: collapse; }
th { text-align: left; font-size: .8125rem; font-weight: 500; color: var(--faint); }
th, td { padding: .375rem .5rem; border-bottom: 1px solid var(--line); }
tbody tr:hover { background: #8881; }
td:first-child { overflow-wrap: anywhere; }
.number, .date { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.date { color: var(--faint); }
.directory { font-weight: 500; }
p { color: var(--faint); }
@media (max-width: 36rem) { .date { display: none; } }
`;

/**
 * A page that lists a directory.
 *
 * @param directory opened, so that it is the one that was found to be below the root
 * @param names how its address leads to it
 */
export async function directoryPage(root: Root, directory: PolledFile, names: readonly string[]): Promise<string> {
  const path = `/proc/self/fd/${directory.fd}`;
  const entries = await readdir(path, { withFileTypes: true });
  const rows = (await Promise.all(entries.map((entry) => rowOf(root, path, entry)))).filter((row) => row !== undefined);
  rows.sort(
    (a, b) => Number(b.isDirectory) - Number(a.isDirectory) || a.name.localeCompare(b.name, 'en', { numeric: true }),
  );
  const title = `/${names.map((name) => `${name}/`).join('')}`;
  const parent =
    names.length === 0 ? '' : '<tr><td class="directory"><a href="../">../</a></td><td></td><td></td></tr>\n';
  const body =
    rows.length + parent.length === 0
      ? '<p>This directory is empty.</p>'
      : `<table>
<thead><tr><th>Name</th><th class="number">Size</th><th class="date">Modified (UTC)</th></tr></thead>
<tbody>
${parent}${rows.map(rowHtml).join('\n')}
</tbody>
</table>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${breadcrumbs(names)}</h1>
${body}
</body>
</html>
`;
}

/** An entry that is gone again, that may not be looked at, or that leads out of the root, is left out. */
async function rowOf(root: Root, path: string, entry: Dirent): Promise<Row | undefined> {
  try {
    const full = join(path, entry.name);
    if (entry.isSymbolicLink() && !root.holds(await realpath(full))) return undefined;
    const { size, mtime } = await stat(full);
    return { name: entry.name, isDirectory: entry.isDirectory(), size, modified: mtime };
  } catch {
    return undefined;
  }
}

function rowHtml({ name, isDirectory, size, modified }: Row): string {
  const shown = escaped(isDirectory ? `${name}/` : name);
  const address = `./${encodeURIComponent(name)}${isDirectory ? '/' : ''}`;
  const date = modified.toISOString().slice(0, 16).replace('T', ' ');
  return (
    `<tr><td${isDirectory ? ' class="directory"' : ''}><a href="${address}">${shown}</a></td>` +
    `<td class="number">${isDirectory ? '' : inUnits(size)}</td><td class="date">${date}</td></tr>`
  );
}

function breadcrumbs(names: readonly string[]): string {
  const links = names.map((name, index) => {
    const up = '../'.repeat(names.length - 1 - index) || './';
    return index === names.length - 1 ? escaped(name) : `<a href="${up}">${escaped(name)}</a>`;
  });
  return [`<a href="${'../'.repeat(names.length) || './'}">Files</a>`, ...links].join(' / ');
}

function inUnits(size: number): string {
  let value = size;
  for (const unit of ['B', 'KiB', 'MiB', 'GiB']) {
    if (value < 1024) return `${unit === 'B' ? value : value.toFixed(1)} ${unit}`;
    value /= 1024;
  }
  return `${value.toFixed(1)} TiB`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
