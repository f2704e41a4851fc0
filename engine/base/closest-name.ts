/**
 * The name that someone probably meant: of those that exist, the one that differs in the fewest letters. Given what was
 * written and what there is, it hands on one name or none; it guesses nothing that is further away than a third of the name.
 */

/** The name of `known` nearest to `written`, the first of equals; undefined when none is near. */
export function closestName(written: string, known: readonly string[]): string | undefined {
  const plain = (name: string): string => name.toLowerCase().replaceAll(/[-_ ]/g, "");
  let closest: string | undefined;
  let least = Math.min(written.length, Math.floor(Math.max(3, written.length) / 3) + 1);
  for (const name of known) {
    const distance = editDistance(plain(written), plain(name));
    if (distance >= least) continue;
    least = distance;
    closest = name;
  }
  return closest;
}

/** "Did you mean X?", or what there is, as a sentence. */
export function nameAdvice(written: string, known: readonly string[]): string {
  const closest = closestName(written, known);
  if (closest !== undefined) return `Did you mean "${closest}"?`;
  return known.length === 0 ? "There is none." : `Use one of: ${known.join(", ")}.`;
}

/** Letters to put in, take out, replace, or exchange with their neighbour, to make one of the other. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let k = 1; k <= b.length; k++) {
      const replaced = last[k - 1]! + (a[i - 1] === b[k - 1] ? 0 : 1);
      let least = Math.min(replaced, last[k]! + 1, row[k - 1]! + 1);
      const isExchanged = i > 1 && k > 1 && a[i - 1] === b[k - 2] && a[i - 2] === b[k - 1];
      if (isExchanged) least = Math.min(least, beforeLast[k - 2]! + 1);
      row.push(least);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
