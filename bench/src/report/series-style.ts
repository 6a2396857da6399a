/** How the results of one rival are drawn: told apart by colour, and without colours by the dashes. */
export interface SeriesStyle {
  readonly colour: string;
  readonly dash: string;
  readonly width: number;
}

const SOLID = 'none';

/** The first pattern that matches a name decides. The colours can be told apart by colour-blind people too. */
const STYLES: readonly (readonly [pattern: RegExp, colour: string, dash: string, width: number])[] = [
  [/registered/, '#7b3294', SOLID, 2.5],
  [/PolledFile/, '#8c510a', '10 2', 2],
  [/caller's/, '#e08214', SOLID, 2.5],
  [/epoll, busy poll/, '#e08214', '2 3', 2.5],
  [/busy poll/, '#d7301f', '2 3', 3],
  [/Polyring.*epoll/, '#e08214', SOLID, 2.5],
  [/^Polyring/, '#d7301f', SOLID, 3],
  [/128 threads/, '#4d9221', '2 3', 1.5],
  [/^fs\.readSync/, '#2166ac', '1 3', 1.5],
  [/^fs\.read/, '#2166ac', '6 3', 1.5],
  [/Node\.js 22/, '#a6dba0', '4 2', 1.5],
  [/Node\.js 24/, '#5aae61', '4 2', 1.5],
  [/Node\.js 26/, '#1b7837', '4 2', 1.5],
  [/Bun/, '#c51b7d', '8 3', 1.5],
  [/Deno/, '#01665e', '8 3 2 3', 1.5],
  [/fixed buffers|C, io_uring|MSG_RING/, '#888888', '2 2', 1.5],
  [/^fio|^C,/, '#333333', '2 2', 1.5],
  [/sends awaited/, '#b8860b', '3 3', 1.5],
  [/bare io_uring|bare list/, '#b8860b', '10 3 2 3', 1.5],
  [/bare, a promise/, '#999999', '6 2 2 2', 1.5],
  [/bare system calls/, '#999999', '2 4', 1.5],
  [/^node:net|^fs\/promises|setTimeout|MessagePort|bare/, '#4393c3', SOLID, 1.5],
];

export function styleOf(name: string): SeriesStyle {
  const [, colour = '#666666', dash = SOLID, width = 1.5] = STYLES.find(([pattern]) => pattern.test(name)) ?? [];
  return { colour, dash, width };
}
