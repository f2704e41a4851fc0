/**
 * Chrome's trace event format: drained events in, JSON text out, a line an event. The text comes in
 * pieces, so that a long run is written as it goes and never held as a whole:
 *
 *     opening            process and track metadata
 *     take() ...         what the drains since the last one brought
 *     closing(now)       ends what is still open, then `otherData`: game, seed, workers, what was lost
 *
 * Times are rounded to whole nanoseconds before lengths are taken from them. Rounding keeps order, so
 * spans that nest by the clock still nest in the file.
 *
 * Rule: opening + all pieces + the newest closing is a whole file at any moment; closing changes
 * nothing, so a file may be closed after each piece and gone on with.
 */
import { type EventKind, eventKind, type TraceSink } from "./event.ts";
import type { TraceMemory } from "./memory.ts";
import { type TraceName, TraceNames } from "./names.ts";

/** What a reader of the file wants to know of the run. */
export interface TraceRun {
  readonly game: string;
  readonly seed: number;
  readonly workerCount: number;
  /** When the trace began, by the clock of its events; time 0 in the file. */
  readonly originMicros: number;
}

/** The process of everything: tracks are threads of one program. */
const processId = 1;

export class ChromeTrace implements TraceSink {
  readonly #memory: TraceMemory;
  readonly #run: TraceRun;
  readonly #names: TraceNames;
  readonly #forms: NameForm[] = [];
  /** Lifetimes that have begun, by category and id; below 0 where the end was drained first. */
  readonly #openAsyncs = new Map<string, { count: number; line: string }>();
  /** Messages under way: +1 for a beginning, -1 for an end that was drained first. */
  readonly #openFlows = new Map<string, number>();
  readonly #lostCounts: number[];
  readonly #lastNanos: number[];
  /** How an event says on which track it is, up to its time. */
  readonly #places: readonly string[];
  #pieces = "";
  #eventCount = 0;

  constructor(memory: TraceMemory, run: TraceRun) {
    this.#memory = memory;
    this.#run = run;
    this.#names = new TraceNames(memory);
    this.#lostCounts = Array.from({ length: memory.trackCount }, () => 0);
    this.#lastNanos = Array.from({ length: memory.trackCount }, () => 0);
    this.#places = this.#lastNanos.map((_, track) => `"pid":${processId},"tid":${track + 1},"ts":`);
  }

  /** Events so far, without metadata. */
  get eventCount(): number {
    return this.#eventCount;
  }

  /** The beginning of the file. */
  get opening(): string {
    const lines = [metadata("process_name", 0, { name: this.#run.game })];
    for (let track = 0; track < this.#memory.trackCount; track++)
      lines.push(
        metadata("thread_name", track + 1, { name: this.#memory.labelOf(track) }),
        metadata("thread_sort_index", track + 1, { sort_index: track }),
      );
    return `{"displayTimeUnit":"ms","traceEvents":[\n${lines.join(",\n")}`;
  }

  /** The text of all events since the last call. */
  take(): string {
    const text = this.#pieces;
    this.#pieces = "";
    return text;
  }

  /** The end of the file as of `nowMicros`. */
  closing(nowMicros: number): string {
    const end = microsText(this.#nanosOf(nowMicros));
    let text = "";
    for (const { count, line } of this.#openAsyncs.values())
      for (let i = 0; i < count; i++) text += `,\n${line},"ts":${end},"args":{"open":1}}`;
    let openFlowCount = 0;
    for (const count of this.#openFlows.values()) openFlowCount += Math.max(0, count);
    const lost = this.#lostCounts.flatMap((count, track) =>
      count === 0 ? [] : [[this.#memory.labelOf(track), count] as const],
    );
    const other = {
      game: this.#run.game,
      seed: this.#run.seed,
      workers: this.#run.workerCount,
      originMicros: this.#run.originMicros,
      endMicros: Number(end),
      events: this.#eventCount,
      droppedEvents: this.#lostCounts.reduce((sum, count) => sum + count, 0),
      droppedByTrack: Object.fromEntries(lost),
      droppedNames: this.#names.lostCount,
      openFlows: openFlowCount,
    };
    return `${text}\n],"otherData":${JSON.stringify(other)}}\n`;
  }

  event(
    track: number,
    kind: EventKind,
    name: number,
    startMicros: number,
    durationMicros: number,
    a: number,
    b: number,
  ): void {
    const form = this.#formOf(name);
    const start = this.#nanosOf(startMicros);
    const end = this.#nanosOf(startMicros + durationMicros);
    if (end > this.#lastNanos[track]!) this.#lastNanos[track] = end;
    const place = this.#places[track]! + microsText(start);
    switch (kind) {
      case eventKind.span:
        this.#add(`{"ph":"X",${form.head},${place},"dur":${microsText(end - start)}${argsText(form, a, b)}}`);
        break;
      case eventKind.instant:
        this.#add(`{"ph":"i",${form.head},${place},"s":"${form.isMark ? "p" : "t"}"${argsText(form, a, b)}}`);
        break;
      case eventKind.counter:
        this.#add(`{"ph":"C",${form.head},${place},"args":{"value":${numberText(a)}}}`);
        break;
      case eventKind.flowBegin:
        this.#countFlow(form, a, 1);
        this.#add(`{"ph":"s",${form.head},"id":"${numberText(a)}",${place}}`);
        break;
      case eventKind.flowEnd:
        this.#countFlow(form, a, -1);
        this.#add(`{"ph":"f","bp":"e",${form.head},"id":"${numberText(a)}",${place}}`);
        break;
      case eventKind.asyncBegin:
        this.#countAsync(form, track, a, 1);
        this.#add(`{"ph":"b",${form.head},"id":"${numberText(a)}",${place}${argsText(form, Number.NaN, b)}}`);
        break;
      case eventKind.asyncEnd:
        this.#countAsync(form, track, a, -1);
        this.#add(`{"ph":"e",${form.head},"id":"${numberText(a)}",${place}${argsText(form, Number.NaN, b)}}`);
        break;
    }
  }

  lost(track: number, count: number): void {
    this.#lostCounts[track] = this.#lostCounts[track]! + count;
    const place = this.#places[track]! + microsText(this.#lastNanos[track]!);
    this.#add(`{"ph":"i","name":"events dropped","cat":"trace",${place},"s":"t","args":{"count":${count}}}`);
  }

  #add(line: string): void {
    this.#pieces += `,\n${line}`;
    this.#eventCount++;
  }

  #countFlow(form: NameForm, id: number, step: number): void {
    const key = `${form.head} ${id}`;
    const count = (this.#openFlows.get(key) ?? 0) + step;
    if (count === 0) this.#openFlows.delete(key);
    else this.#openFlows.set(key, count);
  }

  #countAsync(form: NameForm, track: number, id: number, step: number): void {
    const key = `${form.head} ${id}`;
    const count = (this.#openAsyncs.get(key)?.count ?? 0) + step;
    const line = `{"ph":"e",${form.head},"id":"${numberText(id)}","pid":${processId},"tid":${track + 1}`;
    if (count === 0) this.#openAsyncs.delete(key);
    else this.#openAsyncs.set(key, { count, line });
  }

  #nanosOf(micros: number): number {
    return Math.round((micros - this.#run.originMicros) * 1_000);
  }

  #formOf(name: number): NameForm {
    const known = this.#forms[name];
    if (known !== undefined) return known;
    const form = formOf(this.#names.nameOf(name));
    // A number that nobody has given out may be given out later.
    if (name <= this.#names.count) this.#forms[name] = form;
    return form;
  }
}

/** The parts of an event's text that follow from its name. */
interface NameForm {
  readonly head: string;
  readonly a: string;
  readonly b: string;
  readonly isMark: boolean;
}

function formOf({ text, category, a, b, isMark }: TraceName): NameForm {
  const head = `"name":${JSON.stringify(text)},"cat":${JSON.stringify(category.replaceAll(",", " "))}`;
  return { head, a: JSON.stringify(a), b: JSON.stringify(b), isMark };
}

function argsText({ a: aLabel, b: bLabel }: NameForm, a: number, b: number): string {
  if (Number.isNaN(a)) return Number.isNaN(b) ? "" : `,"args":{${bLabel}:${numberText(b)}}`;
  if (Number.isNaN(b)) return `,"args":{${aLabel}:${numberText(a)}}`;
  return `,"args":{${aLabel}:${numberText(a)},${bLabel}:${numberText(b)}}`;
}

/** JSON has no infinities and no NaN. */
function numberText(value: number): string {
  return Number.isFinite(value) ? String(value) : `"${value}"`;
}

/** ".000" to ".999"; nothing for 0. Made once, because every event needs two. */
const fractions = Array.from({ length: 1_000 }, (_, rest) => (rest === 0 ? "" : `.${String(rest).padStart(3, "0")}`));

/** Whole nanoseconds as microseconds with a fraction of three digits, exactly. */
function microsText(nanos: number): string {
  const positive = Math.abs(nanos);
  const whole = Math.floor(positive / 1_000);
  const text = whole + fractions[positive - whole * 1_000]!;
  return nanos < 0 ? `-${text}` : text;
}

function metadata(what: string, threadId: number, args: Readonly<Record<string, string | number>>): string {
  return JSON.stringify({ ph: "M", name: what, pid: processId, tid: threadId, args });
}
