/** See exit-on-signals.mjs, which the workspaces of TypeScript use too. */
export function exitOnSignals(): void;
