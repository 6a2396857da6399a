const UNITS: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

/**
 * Reads a size such as `65536`, `64K`, `256M` or `1G`.
 *
 * @returns bytes, at least 1; undefined for anything else
 */
export function parseSize(text: string): number | undefined {
  const [, digits, unit] = /^(\d+)([KMG]?)$/i.exec(text) ?? [];
  if (digits === undefined || unit === undefined) return undefined;
  const bytes = Number(digits) * (UNITS[unit.toUpperCase()] as number);
  return bytes >= 1 && Number.isSafeInteger(bytes) ? bytes : undefined;
}
