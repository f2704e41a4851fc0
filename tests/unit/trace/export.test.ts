/** The file: its lines to the letter, and a validator that names each thing that may be wrong with one. */
import { describe, expect, test } from "vitest";
import { ChromeTrace } from "../../../engine/trace/chrome.ts";
import { TraceMemory } from "../../../engine/trace/memory.ts";
import { TraceNames } from "../../../engine/trace/names.ts";
import { isTrouble, parseTrace } from "../../../engine/trace/parsed.ts";
import { TraceReader } from "../../../engine/trace/reader.ts";
import { Track } from "../../../engine/trace/track.ts";
import { validateTrace } from "../../../engine/trace/validate.ts";
import { sampleRun } from "./sample-run.ts";

const run = { game: 'a "game"', seed: 7, workerCount: 1, originMicros: 1_000 };

function small(eventsPerTrack = 64) {
  const memory = TraceMemory.allocate({ tracks: ["engine", "worker 0"], eventsPerTrack, nameCapacity: 16 });
  memory.turn(true);
  const chrome = new ChromeTrace(memory, run);
  const reader = new TraceReader(memory);
  const names = new TraceNames(memory);
  const take = (): string => {
    reader.drain(chrome);
    return chrome.take();
  };
  return { names, engine: new Track(memory, 0), worker: new Track(memory, 1), chrome, take };
}

describe("Chrome's format", () => {
  test("has a line for each event, with times in whole nanoseconds from the beginning of the run", () => {
    const { names, engine, worker, chrome, take } = small();
    const frame = names.add("frame", { category: "frame,main", a: "frame" });
    engine.asyncBegin(names.add("load", { category: "assets", b: "bytes" }), 3, 1_000.5, 10);
    engine.flowBegin(names.add("chunk"), 1, 1_001);
    worker.flowEnd(names.numberOf("chunk"), 1, 1_002.25);
    worker.span(frame, 1_002, 1_003.0004, 5);
    engine.instant(names.add("tick", { isMark: true }), 1_004, 9, Number.POSITIVE_INFINITY);
    engine.counter(names.add("idle"), 1_005, 0.25);
    engine.span(frame, 1_000.1, 1_006.1);
    engine.asyncEnd(names.numberOf("load"), 3, 1_007);
    expect(`${chrome.opening}${take()}${chrome.closing(1_010)}`).toBe(`{"displayTimeUnit":"ms","traceEvents":[
{"ph":"M","name":"process_name","pid":1,"tid":0,"args":{"name":"a \\"game\\""}},
{"ph":"M","name":"thread_name","pid":1,"tid":1,"args":{"name":"engine"}},
{"ph":"M","name":"thread_sort_index","pid":1,"tid":1,"args":{"sort_index":0}},
{"ph":"M","name":"thread_name","pid":1,"tid":2,"args":{"name":"worker 0"}},
{"ph":"M","name":"thread_sort_index","pid":1,"tid":2,"args":{"sort_index":1}},
{"ph":"b","name":"load","cat":"assets","id":"3","pid":1,"tid":1,"ts":0.500,"args":{"bytes":10}},
{"ph":"s","name":"chunk","cat":"chunk","id":"1","pid":1,"tid":1,"ts":1},
{"ph":"i","name":"tick","cat":"tick","pid":1,"tid":1,"ts":4,"s":"p","args":{"a":9,"b":"Infinity"}},
{"ph":"C","name":"idle","cat":"idle","pid":1,"tid":1,"ts":5,"args":{"value":0.25}},
{"ph":"X","name":"frame","cat":"frame main","pid":1,"tid":1,"ts":0.100,"dur":6},
{"ph":"e","name":"load","cat":"assets","id":"3","pid":1,"tid":1,"ts":7},
{"ph":"f","bp":"e","name":"chunk","cat":"chunk","id":"1","pid":1,"tid":2,"ts":2.250},
{"ph":"X","name":"frame","cat":"frame main","pid":1,"tid":2,"ts":2,"dur":1,"args":{"frame":5}}
],"otherData":{"game":"a \\"game\\"","seed":7,"workers":1,"originMicros":1000,"endMicros":10,"events":8,"droppedEvents":0,"droppedByTrack":{},"droppedNames":0,"openFlows":0}}
`);
  });

  test("is whole and valid after every piece, with lifetimes and messages still open", () => {
    const { names, engine, chrome, take } = small();
    const [load, chunk] = [names.add("load"), names.add("chunk")];
    let text = chrome.opening;
    for (let i = 0; i < 4; i++) {
      engine.asyncBegin(load, i, 1_000 + i);
      engine.flowBegin(chunk, i, 1_000 + i);
      if (i > 1) engine.asyncEnd(load, i - 2, 1_000 + i);
      text += take();
      expect(validateTrace(text + chrome.closing(1_100 + i))).toEqual([]);
    }
    const closed = JSON.parse(text + chrome.closing(1_200)) as { otherData: object; traceEvents: { ph: string }[] };
    expect(closed.otherData).toMatchObject({ openFlows: 4, events: 10 });
    expect(closed.traceEvents.slice(-2)).toEqual(
      [2, 3].map((id) => ({
        ph: "e",
        name: "load",
        cat: "load",
        id: `${id}`,
        pid: 1,
        tid: 1,
        ts: 200,
        args: { open: 1 },
      })),
    );
  });

  test("says what was dropped, where and how much", () => {
    const { names, engine, chrome, take } = small(16);
    const name = names.add("work");
    for (let i = 0; i < 20; i++) engine.span(name, 1_000 + i, 1_001 + i);
    const text = chrome.opening + take() + chrome.closing(2_000);
    expect(validateTrace(text)).toEqual([]);
    const { otherData, traceEvents } = JSON.parse(text);
    expect(otherData).toMatchObject({ droppedEvents: 4, droppedByTrack: { engine: 4 } });
    expect(traceEvents[5]).toMatchObject({ name: "events dropped", args: { count: 4 } });
  });

  test("of a whole run is valid", () => {
    expect(validateTrace(sampleRun(40))).toEqual([]);
  });
});

describe("the validator", () => {
  const label = (tid: number): object => ({
    ph: "M",
    name: "thread_name",
    pid: 1,
    tid,
    args: { name: `track ${tid}` },
  });
  const span = (name: string, ts: number, dur: number, tid = 1): object => ({ ph: "X", name, pid: 1, tid, ts, dur });
  const other = (ph: string, name: string, ts: number, more: object = {}): object => ({
    ph,
    name,
    pid: 1,
    tid: 1,
    ts,
    id: "1",
    ...more,
  });
  const check = (events: readonly object[], otherData: object = { endMicros: 100 }): readonly string[] =>
    validateTrace(JSON.stringify({ traceEvents: [label(1), label(2), ...events], otherData }));

  test.each<[string, readonly object[], object, readonly string[]]>([
    ["nested and neighbouring spans", [span("b", 1, 2), span("c", 3, 1), span("a", 1, 4)], {}, []],
    [
      "overlap",
      [span("a", 1, 4), span("b", 3, 4)],
      {},
      ['"b" on track 1 at 3 us: it overlaps "a" on track 1 at 1 us without lying within it'],
    ],
    ["no overlap on two tracks", [span("a", 1, 4), span("b", 3, 4, 2)], {}, []],
    [
      "order",
      [span("a", 5, 2), span("b", 1, 2)],
      {},
      ['"b" on track 1 at 1 us: it stands after "a" on track 1 at 5 us, which ended later'],
    ],
    ["before the run", [span("a", -5, 2)], {}, ['"a" on track 1 at -5 us: it is before the run']],
    ["after the run", [span("a", 5, 200)], { endMicros: 100 }, ['"a" on track 1 at 5 us: it ends after the run']],
    ["backwards", [span("a", 5, -1)], {}, ['"a" on track 1 at 5 us: it ends before it begins']],
    ["no label", [span("a", 1, 1, 3)], {}, ['"a" on 1:3 at 1 us: the track has no label']],
    ["two labels", [label(1), span("a", 1, 1)], {}, ["track 1:1 has two labels"]],
    [
      "flow without end",
      [other("s", "m", 1)],
      {},
      ['"m" on track 1 at 1 us: the flow begins and never ends (1 do, 0 may)'],
    ],
    ["flow known to be open", [other("s", "m", 1)], { openFlows: 1 }, []],
    ["flow without beginning", [other("f", "m", 1)], {}, ['"m" on track 1 at 1 us: the flow ends and has never begun']],
    [
      "flow back in time",
      [other("f", "m", 1), other("s", "m", 30)],
      {},
      ['"m" on track 1 at 1 us: the flow ends before it begins at 30 us'],
    ],
    [
      "lifetime without end",
      [other("b", "l", 1)],
      {},
      ['"l" on track 1 at 1 us: the lifetime begins and never ends (1 do, 0 may)'],
    ],
    [
      "lifetime without beginning",
      [other("e", "l", 1)],
      {},
      ['"l" on track 1 at 1 us: the lifetime ends and has never begun'],
    ],
    ["halves of pairs when some were dropped", [other("e", "l", 1), other("s", "m", 2)], { droppedEvents: 3 }, []],
    ["counter without value", [other("C", "c", 1)], {}, ['"c" on track 1 at 1 us: a counter without a value']],
    ["unknown phase", [other("Q", "q", 1)], {}, ['"q" on track 1 at 1 us: unknown phase "Q"']],
    ["wrong count", [span("a", 1, 1)], { events: 2 }, ["the file has 1 events and says 2"]],
  ])("%s", (_, events, otherData, problems) => {
    expect(check(events, otherData)).toEqual(problems);
  });

  test("of what is no trace says why", () => {
    expect(validateTrace("")).toEqual(["the trace cannot be read: it is not JSON at unit 0"]);
    expect(validateTrace("{}")).toEqual(['the trace cannot be read: it has no list "traceEvents"']);
    expect(validateTrace("[]")).toEqual(["the trace cannot be read: it has no events"]);
    expect(validateTrace('[{"ph":"i","ts":1},3]')).toEqual([
      'the trace cannot be read: entry 1 of traceEvents is no event: it has no "ph"',
    ]);
  });

  test("knows every file that was cut short", () => {
    const whole = sampleRun(1).trimEnd();
    for (let length = 1; length < whole.length; length += 97) {
      const parsed = parseTrace(whole.slice(0, length));
      expect(isTrouble(parsed) && parsed.isCutShort, `${length} units`).toBe(true);
    }
  });
});
