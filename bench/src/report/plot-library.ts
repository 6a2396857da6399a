import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { INSTALLED } from '../places.js';

/** The package of Observable Plot. */
export const PLOT = '@observablehq/plot';

/** As much of Observable Plot as is used. It is installed with the rivals, so there are no types of its own here. */
export interface PlotLibrary {
  plot(options: object): { readonly outerHTML: string };
  line(data: readonly object[], options: object): object;
  dot(data: readonly object[], options: object): object;
  barX(data: readonly object[], options: object): object;
  text(data: readonly object[], options: object): object;
  ruleX(data: readonly number[], options?: object): object;
}

/** Observable Plot, and a document for it to draw into. */
export async function loadPlotLibrary(): Promise<{ Plot: PlotLibrary; document: object }> {
  const require = createRequire(join(INSTALLED, 'package.json'));
  const load = async (name: string): Promise<unknown> => import(pathToFileURL(require.resolve(name)).href);
  const Plot = (await load(PLOT)) as PlotLibrary;
  const { parseHTML } = (await load('linkedom')) as { parseHTML: (html: string) => { document: object } };
  return { Plot, document: parseHTML('<!doctype html><html><body></body></html>').document };
}
