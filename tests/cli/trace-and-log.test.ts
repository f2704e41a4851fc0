/**
 * What a run leaves beside its journal: a trace, a log and telemetry, from `run` and from `play`, and also from a run
 * that faults. Their counts are those of the run.
 */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { ByteWriter } from "../../engine/base/bytes.ts";
import { encodeRecord } from "../../engine/input/record.ts";
import { type Journal, readJournal } from "../../engine/replay/journal.ts";
import { type ChromeEvent, isTrouble, parseTrace } from "../../engine/trace/parsed.ts";
import { validateTrace } from "../../engine/trace/validate.ts";
import { pilotWays } from "../../game/jobs/pilot-ways.ts";
import { resources } from "../../game/resources.ts";
import { encodeMessage, type ServerMessage, socketPath } from "../../runtime/drivers/web/protocol.ts";
import { brokenTick } from "../games/variants.ts";
import { type CommandOptions, command, type Finished, journalSoFar, newPath, RunningCommand } from "./command.ts";

interface LogLine {
  readonly time: string;
  readonly level: string;
  readonly source: string;
  readonly tick: number;
  readonly note?: string;
  readonly text: string;
  readonly numbers?: readonly number[];
}

interface TelemetryLine {
  readonly time: string;
  readonly counters: Readonly<Record<string, number>>;
  readonly gauges: Readonly<Record<string, number>>;
  readonly histograms: Readonly<
    Record<string, { readonly count: number; readonly sum: number; readonly atMost: Readonly<Record<string, number>> }>
  >;
  readonly log: Readonly<Record<"written" | "read" | "dropped" | "lost", number>>;
}

interface Left {
  readonly events: readonly ChromeEvent[];
  readonly problems: readonly string[];
  /** Label of a track by its number. */
  readonly tracks: ReadonlyMap<number, string>;
  readonly log: readonly LogLine[];
  readonly telemetry: readonly TelemetryLine[];
  readonly journal: Journal;
}

const kinds = ["orj", "json", "log", "telemetry"] as const;

function newFiles(): { readonly options: string[]; readonly journal: string; readonly read: () => Left } {
  const paths = kinds.map((kind) => newPath(`left.${kind}`)) as [string, string, string, string];
  const flags = ["--record", "--trace", "--log", "--telemetry"];
  const text = (i: number): string => readFileSync(paths[i]!, "utf8");
  /** Every line is one JSON value, and the last one ends as the others do. */
  const lines = <T>(i: number): T[] => {
    expect(text(i).endsWith("\n")).toBe(true);
    return text(i)
      .slice(0, -1)
      .split("\n")
      .map((line) => JSON.parse(line) as T);
  };
  return {
    options: flags.flatMap((flag, i) => [flag, paths[i]!]),
    journal: paths[0],
    read() {
      const trace = parseTrace(text(1));
      if (isTrouble(trace)) throw new Error(trace.problem);
      const labels = trace.events.filter(({ name }) => name === "thread_name");
      return {
        events: trace.events,
        problems: validateTrace(text(1)),
        tracks: new Map(labels.map(({ threadId, args }) => [threadId, String(args["name"])])),
        log: lines<LogLine>(2),
        telemetry: lines<TelemetryLine>(3),
        journal: readJournal(readFileSync(paths[0]), paths[0]),
      };
    },
  };
}

const named = ({ events }: Left, name: string, phase: string): readonly ChromeEvent[] =>
  events.filter((event) => event.name === name && event.phase === phase);

/** What holds for every run. */
function expectCounts(left: Left, level: "info" | "error"): void {
  const { journal, log, telemetry, problems } = left;
  const tickCount = journal.ticks.length;
  expect(problems).toEqual([]);
  const marks = named(left, "tick begins", "i").map(({ args }) => args["tick"]);
  expect(marks.slice(0, tickCount)).toEqual(Array.from({ length: tickCount }, (_, i) => i + 1));

  expect(log[0]).toMatchObject({ level: "info", source: "engine", tick: 0, note: "world-runs" });
  expect(log.at(-1)!.level).toBe(level);
  for (const line of [...log, ...telemetry]) expect(line.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const ticks = log.map(({ tick }) => tick);
  expect(ticks).toEqual(ticks.toSorted((a, b) => a - b));

  const last = telemetry.at(-1)!;
  const { written, read, dropped, lost } = last.log;
  expect({ written, read, dropped, lost }).toEqual({ written: log.length, read: log.length, dropped: 0, lost: 0 });
  expect(last.counters["orrery_ticks_total"]).toBe(tickCount);
  const { count, sum, atMost } = last.histograms["orrery_tick_micros"]!;
  expect(Object.values(atMost).reduce((a, b) => a + b, 0)).toBe(count);
  expect(sum).toBeGreaterThan(0);
  for (const [name, value] of Object.entries(last.counters)) {
    const course = telemetry.map(({ counters }) => counters[name]!);
    expect(course, name).toEqual(course.toSorted((a, b) => a - b));
    expect(Number.isInteger(value)).toBe(true);
  }
}

/** Numbers of a lifetime's begins and ends by id, in their order. */
function lifetimes(left: Left, name: string): { readonly begun: string[]; readonly ended: string[] } {
  const ids = (phase: string): string[] =>
    left.events
      .filter((event) => event.name === name && event.phase === phase && event.args["open"] !== 1)
      .map(({ id }) => id);
  return { begun: ids("b"), ended: ids("e") };
}

/** Names of the spans of a thread. */
const spansOf = ({ events, tracks }: Left, label: string): Set<string> =>
  new Set(
    events.filter(({ phase, threadId }) => phase === "X" && tracks.get(threadId) === label).map(({ name }) => name),
  );

describe("`run`", () => {
  let tickCount = 200;
  let result: Finished;
  let left: Left;
  const spansOfWorkers = (): Set<string> => new Set([...spansOf(left, "worker 0"), ...spansOf(left, "worker 1")]);
  const hasWorkOfWorkers = (): boolean => ["pilot-ways", "stage"].some((name) => spansOfWorkers().has(name));
  beforeAll(async () => {
    // In step with the clock, so that workers have the time to take part; on a machine that starts them late, more of it.
    for (; ; tickCount *= 3) {
      const files = newFiles();
      const args = ["run", "--ticks", String(tickCount), "--paced", "--seed", "5", "--workers", "2", ...files.options];
      result = await command(args, { main: "scrapyard" });
      expect(result.code, result.stderr).toBe(0);
      left = files.read();
      if (hasWorkOfWorkers() || tickCount > 1_000) break;
    }
  });

  test("leaves files whose counts are those of the run", () => {
    expect(left.journal.ticks.length).toBe(tickCount);
    expectCounts(left, "info");
    expect(left.log.at(-1)).toMatchObject({ note: "world-over", tick: tickCount, numbers: [tickCount] });
    expect(left.telemetry.at(-1)!.gauges["orrery_entities"]).toBeGreaterThan(400);
  });

  test("has a track for each thread, with the spans of that thread", () => {
    expect([...left.tracks.values()]).toEqual(["engine", "worker 0", "worker 1", "main"]);
    const engine = spansOf(left, "engine");
    for (const name of ["frame", "tick", "publish", "pilot-tugs", "step-bodies", "hash"])
      expect(engine.has(name), name).toBe(true);
    expect(spansOfWorkers().has("frame")).toBe(false);
    expect(hasWorkOfWorkers()).toBe(true);
    expect(named(left, "tick", "X").length).toBe(tickCount);
  });

  test("has a lifetime for each tick job from launch to entry, and for each rebuild of the grid", () => {
    const { every, latency } = pilotWays;
    const launches = Array.from({ length: Math.floor(tickCount / every) }, (_, i) => (i + 1) * every);
    const flights = lifetimes(left, "pilot-ways in flight");
    expect(flights.begun).toEqual(launches.map(String));
    expect(flights.ended).toEqual(launches.filter((launched) => launched + latency <= tickCount).map(String));

    const { every: rebuilt, latency: late } = resources.find(({ name }) => name === "yard-grid")!.world!;
    const grids = lifetimes(left, "load yard-grid");
    expect(grids.begun.length).toBe(Math.floor(tickCount / rebuilt));
    expect(grids.ended.length).toBe(Math.floor((tickCount - late) / rebuilt));
  });

  test("makes the same world as without all that", async () => {
    const args = ["run", "--ticks", String(tickCount), "--seed", "5", "--workers", "0", "--print-hash"];
    const plain = await command(args, { main: "scrapyard" });
    expect(result.stdout).toContain(`hash ${plain.stdout.trim()}`);
  });
});

/** Numbers of the resources that were published. */
function publishedIn({ ticks }: Journal): Set<number> {
  const records = ticks.flatMap((tick) => tick.records);
  return new Set(records.flatMap((one) => (one.kind === "publish" ? [one.resource] : [])));
}

describe("`play`", () => {
  let left: Left;
  let messageCount = 0;
  beforeAll(async () => {
    const files = newFiles();
    const game = new RunningCommand(["play", "--no-open", "--port", "0", "--seed", "5", ...files.options], {
      main: "scrapyard",
    });
    const [, address] = await game.printed(/plays at (http:\/\/\S+)\n/);
    const url = new URL(address!);
    const build = /name="orrery-build" content="([^"]+)"/.exec(await (await fetch(url)).text())![1]!;
    const token = url.searchParams.get("token")!;
    const socket = new WebSocket(`ws://${url.host}${socketPath}?token=${token}`, { origin: url.origin });
    let player = 0;
    let packetCount = 0;
    socket.on("message", (data: Buffer, isBinary) => {
      if (isBinary) packetCount++;
      else {
        const message = JSON.parse(data.toString()) as ServerMessage;
        if (message.type === "scene") player = message.player;
      }
    });
    await once(socket, "open");
    socket.send(encodeMessage({ type: "hello", build, name: "Ada", session: "" }));
    await game.until(() => player !== 0 && packetCount > 3);
    for (let press = 0; press < 10; press++) {
      const writer = new ByteWriter();
      encodeRecord(writer, { kind: "button", player, control: 0, down: press % 2 === 0 });
      socket.send(writer.take());
      messageCount++;
      const before = packetCount;
      await game.until(() => packetCount > before + 2);
    }
    // Sections, the deck's texture and a grid take their time, and each is published.
    await game.until(() => {
      const journal = journalSoFar(files.journal);
      return journal !== undefined && publishedIn(journal).size === resources.length + 1;
    });
    socket.close();
    await once(socket, "close");
    game.signal("SIGINT");
    const { code, stderr } = await game.finished;
    expect(code, stderr).toBe(130);
    left = files.read();
  });

  test("leaves files whose counts are those of the run", () => {
    expectCounts(left, "info");
    expect(left.log.at(-1)).toMatchObject({ note: "world-over", numbers: [left.journal.ticks.length] });
  });

  test("has a flow for each message of records, from the main thread to the engine", () => {
    const [sent, taken] = [named(left, "record message", "s"), named(left, "record message", "f")];
    // Beside the presses, the join and at most one leave.
    expect(sent.length).toBeGreaterThanOrEqual(messageCount + 1);
    expect(sent.length).toBeLessThanOrEqual(messageCount + 2);
    expect(new Set(sent.map(({ threadId }) => left.tracks.get(threadId)))).toEqual(new Set(["main"]));
    expect(new Set(taken.map(({ threadId }) => left.tracks.get(threadId)))).toEqual(new Set(["engine"]));
    expect(taken.map(({ id }) => id)).toEqual(sent.slice(0, taken.length).map(({ id }) => id));
    expect(taken.length).toBeGreaterThanOrEqual(messageCount + 1);
    const records = left.journal.ticks.flatMap((tick) => tick.records.filter(({ kind }) => kind === "button"));
    expect(records.length).toBe(messageCount);
  });

  test("has a lifetime for each resource that is loaded", () => {
    const shown = resources.filter(({ world }) => world === undefined).map(({ name }) => name);
    for (const name of [...shown, "deck-plates"]) {
      const { begun, ended } = lifetimes(left, `load ${name}`);
      expect(begun.length, name).toBe(1);
      expect(ended.length, name).toBeLessThanOrEqual(1);
    }
    const loaded = publishedIn(left.journal);
    const names = [...resources.map(({ name }) => name).sort(), "deck-plates"];
    const ended = names.filter((name) => lifetimes(left, `load ${name}`).ended.length > 0);
    // A publication of the last frame has no tick to enter.
    for (const number of loaded) expect(ended).toContain(names[number]);
    expect(ended.length - loaded.size).toBeLessThanOrEqual(1);
    expect(named(left, "resources loading", "C").length).toBeGreaterThan(0);
    expect(named(left, "frame load", "C").length).toBeGreaterThan(0);
  });
});

describe("a run that faults", () => {
  test.each([
    { variant: "throws", text: /the belt slipped/ },
    { variant: "throwsEarly", text: /no such craft/ },
  ] as const)("($variant) leaves all of them whole, with the fault", async ({ variant, text }) => {
    const files = newFiles();
    const options: CommandOptions = { variant };
    const result = await command(["run", "--ticks", "400", ...files.options], options);
    expect(result.code).toBe(1);
    const left = files.read();
    expect(left.journal.ticks.length).toBe(brokenTick - 1);
    expect(left.journal.end).toMatchObject({ reason: "faulted", tick: brokenTick - 1 });
    expect(left.journal.end!.text).toMatch(text);
    expectCounts(left, "error");
    expect(left.log.at(-1)!.text).toMatch(text);
    // The tick that failed began.
    expect(named(left, "tick begins", "i").length).toBe(brokenTick);
  });
});
