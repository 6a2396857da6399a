/** A rival that this machine does not have. The report says so. */
export class MissingRival extends Error {
  override readonly name = 'MissingRival';
}
