/**
 * Fallbacks: what a world or a part of the engine does instead when it cannot do what was asked, without ending: it leaves
 * a record out, shows an older snapshot, does a chunk's work again. None is silent: each is chosen where it is written,
 * counted here, and shown by whoever runs the engine.
 */
export interface Fallback {
  /** Short name for counters, such as "records-refused". */
  readonly name: string;
  /** How often, since the engine started. */
  readonly count: number;
  /** What is done instead, as a sentence about many without its full stop. */
  readonly text: string;
}

/** "records could not apply and were left out: 3". */
export function fallbackText({ count, text }: Pick<Fallback, "count" | "text">): string {
  return `${text}: ${count}`;
}

/** The fallbacks that were taken at all, most frequent first. */
export function takenFallbacks(fallbacks: readonly Fallback[]): readonly Fallback[] {
  return fallbacks.filter(({ count }) => count > 0).sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}
