/** See end-when-unwanted.mjs, which the workspaces of TypeScript use too. */
export function endWhenUnwanted(): void;
