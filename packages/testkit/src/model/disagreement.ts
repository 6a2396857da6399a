/** What a driver did that the model of the contract does not allow. */
export class Disagreement extends Error {
  override get name(): string {
    return 'Disagreement';
  }
}
