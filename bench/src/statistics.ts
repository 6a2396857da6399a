/** The middle of some values, of which there is at least one. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The sum of some values over their number, which is at least one. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** What so many of some values, from 0 to 1, are not above. Between two values it lies where its share does. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] as number;
  const above = sorted[Math.ceil(place)] as number;
  return below + (above - below) * (place - Math.floor(place));
}
