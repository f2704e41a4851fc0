/** One entry of the catalogue of faults, and the function that types it. */
export interface FaultEntry<Fields> {
  readonly id: `E${number}`;
  /** What happened, in one sentence, with the values. */
  readonly text: (fields: Fields) => string;
  /** What to do about it, in one sentence. */
  readonly mend: (fields: Fields) => string;
  /** The longer story for `explain`: why it is an error at all. */
  readonly explain: string;
}
export function entry<Fields>(definition: FaultEntry<Fields>): FaultEntry<Fields> {
  return definition;
}
