import { BackendUnavailableError, type PassedOverCandidate, type PolyringError } from '@polyring/core';

/** What one of Polyring's errors says, in one line: what happened and what to do. */
export function oneLine(error: PolyringError): string {
  const text = error instanceof BackendUnavailableError ? refusals(error) : error.message;
  return text.split('\n', 1)[0] as string;
}

function refusals({ explanation, message }: BackendUnavailableError): string {
  const refused = explanation.candidates.filter(
    (candidate): candidate is PassedOverCandidate => candidate.outcome === 'passed-over',
  );
  if (refused.length === 0) return message;
  return refused
    .map(({ name, code, reason, remedy }) => `The backend "${name}" cannot be used (${code}). ${reason} ${remedy}`)
    .join(' ');
}
