/** The trivial job of the dispatch rows, as Piscina's worker runs it. */
export default (value: number): number => value + 1;
