/** A living member of a process group. */
export interface GroupMember {
  readonly pid: number;
  readonly name: string;
}

/** See process-group.mjs, which the workspaces of TypeScript use too. */
export function groupMembers(group: number): GroupMember[];

export function signalGroup(group: number, signal: NodeJS.Signals): void;
