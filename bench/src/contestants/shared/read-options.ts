/** What a reading contestant is told. */
export interface ReadOptions {
  readonly by: string;
  readonly path: string;
  readonly blocks: number;
  readonly depth: number;
  /** Past the page cache (O_DIRECT). */
  readonly direct?: boolean;
}
