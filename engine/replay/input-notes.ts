/**
 * Notes of input: what is about to enter a tick, written ahead of it, for a tick that nobody survives. The writer's and the
 * reader's side stand together.
 *
 *   text   JSON: { tick, records }; of a tick whose records do not fit in one note, the others follow as
 *          { tick, from, records }, where `from` says how many came before
 *
 * The rule a reader could break: a tick that is made anew is noted anew, so the note that begins it ends what was known.
 */
import type { WorldRecord } from "../input/record.ts";
import { type JournalNote, noteLengthMax } from "./wire.ts";

export const inputTopic = "input";

interface InputNote {
  readonly tick: number;
  readonly from?: number;
  readonly records: readonly WorldRecord[];
}

/** Room for what stands around the records. */
const frameLength = 64;

/** The texts of the notes of a tick, in their order: one, unless its records are many. */
export function inputNotes(tick: number, records: readonly WorldRecord[]): string[] {
  const texts: string[] = [];
  let from = 0;
  let length = frameLength;
  const end = (to: number): void => {
    const part = { tick, ...(from === 0 ? {} : { from }), records: records.slice(from, to) } satisfies InputNote;
    texts.push(JSON.stringify(part));
    from = to;
    length = frameLength;
  };
  records.forEach((record, at) => {
    const more = JSON.stringify(record).length + 1;
    if (length + more > noteLengthMax) end(at);
    length += more;
  });
  end(records.length);
  return texts;
}

/**
 * What entered the ticks behind `lastTick`, by tick. Raises RangeError with the tick whose records are not whole: before
 * there were parts, a note that was too long was cut.
 */
export function inputsBehind(lastTick: number, notes: readonly JournalNote[]): Map<number, readonly WorldRecord[]> {
  const inputs = new Map<number, readonly WorldRecord[]>();
  for (const { tick: madeTicks, topic, text } of notes) {
    // A note stands behind the ticks before its own; what is on record needs none.
    if (topic !== inputTopic || madeTicks < lastTick) continue;
    const { tick, from = 0, records } = parse(text, madeTicks + 1);
    const known = from === 0 ? [] : (inputs.get(tick) ?? []);
    if (known.length !== from) throw new RangeError(`the records of tick ${tick} are not whole`);
    if (tick > lastTick) inputs.set(tick, [...known, ...records]);
  }
  return inputs;
}

function parse(text: string, tick: number): InputNote {
  try {
    return JSON.parse(text) as InputNote;
  } catch {
    throw new RangeError(`the records of tick ${tick} are not whole`);
  }
}
