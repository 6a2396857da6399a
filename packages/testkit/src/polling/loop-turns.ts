/** Turns of the event loop so far; 0 on a Node that does not count them (before 20.18). */
export function loopTurns(): number {
  const { nodeTiming } = performance as unknown as { nodeTiming: { uvMetricsInfo?: { loopCount: number } } };
  return nodeTiming.uvMetricsInfo?.loopCount ?? 0;
}
