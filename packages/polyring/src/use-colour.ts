import type { Environment } from '@polyring/core';

/** Whether to colour what is written to a stream: on a terminal, unless NO_COLOR holds anything (https://no-color.org). */
export function useColour({ isTTY }: { readonly isTTY?: boolean | undefined }, environment: Environment): boolean {
  return isTTY === true && !environment.NO_COLOR && environment.TERM !== 'dumb';
}
