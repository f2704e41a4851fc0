/**
 * Small words of texts for people: a count with its noun, and text of unknown origin in a form that does nothing to whoever
 * shows it.
 *
 * The rule a reader could break: names from a file or from a network go through `printable` before they are put in a line.
 */

/** "1 tick", "2 ticks", "0 ticks"; the plural is the noun with an s where none is given. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}

/** What moves a cursor, colours, ends a line or turns the direction of what follows. */
const unprintable = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** One line of plain text: characters that control something are written as `\u001b`. */
export function printable(text: string): string {
  return text.replace(unprintable, escaped);
}

/** The same for text of several lines: ends of lines and tabs stay. */
export function printableLines(text: string): string {
  return text.replace(unprintable, (found) => (found === "\n" || found === "\t" ? found : escaped(found)));
}

export function isPrintable(text: string): boolean {
  return text.search(unprintable) < 0;
}
