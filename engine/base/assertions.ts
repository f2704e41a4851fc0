/**
 * Assertions: the difference between a bug and an operating error.
 *
 * A failed assertion is a bug in the engine or in the game; it ends the world.
 * An operating error (a bad file, a full limit, a stale handle) is a fault: see faults.ts.
 * Never catch an AssertionFailure in order to go on.
 */

/** Thrown when a condition that the code relies on does not hold. */
export class AssertionFailure extends Error {
  override readonly name = "AssertionFailure";
}

/** Throws AssertionFailure with `message` and the named `values` when `condition` is false. */
export function assert(
  condition: boolean,
  message: string,
  values?: Readonly<Record<string, number | string | boolean>>,
): asserts condition {
  if (!condition) throw new AssertionFailure(values === undefined ? message : `${message} ${JSON.stringify(values)}`);
}

/** Marks a branch that the types rule out; reaching it is a bug. */
export function unreachable(value: never): never {
  throw new AssertionFailure(`unreachable value ${JSON.stringify(value)}`);
}
