/** Whether to colour what is written: on a terminal, unless NO_COLOR holds anything (https://no-color.org). */
export function useColour({ isTTY }: { readonly isTTY?: boolean }, environment: NodeJS.ProcessEnv): boolean {
  return isTTY === true && !environment.NO_COLOR && environment.TERM !== 'dumb';
}
