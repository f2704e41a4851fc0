/** The services of a process, with real threads and files: flushing, deadlines, crashes, disks that are full. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Fault, faultText } from "../../../engine/base/faults.ts";
import { MessageRing, RingProducer } from "../../../engine/services/message-ring.ts";
import { startThread } from "../../../runtime/host/threads.ts";
import { openSeat, type ServiceSeat, Services, type ServicesOptions } from "../../../runtime/services/services.ts";
import { programNotes, type SpeakerData } from "./service-program.ts";

const entry = new URL("./service-program.ts", import.meta.url);
const sources = ["main", "a", "b", "c", "d"];
let folder = "";
let opened: Services[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "orrery-services-"));
});
afterEach(async () => {
  await Promise.all(opened.map((services) => services.close(0)));
  opened = [];
  rmSync(folder, { recursive: true, force: true });
});

function start(options: Partial<ServicesOptions> = {}) {
  const faults: Fault[] = [];
  const logPath = join(folder, "log.jsonl");
  const services = new Services({
    sources,
    notes: programNotes,
    metrics: [
      { name: "said_total", kind: "counter" },
      { name: "idle_share", kind: "gauge" },
      { name: "frame_micros", kind: "histogram" },
    ],
    level: "info",
    logPath,
    entry,
    onFault: (fault) => faults.push(fault),
    ...options,
  });
  opened.push(services);
  return { services, faults, logPath: options.logPath ?? logPath };
}

interface Line {
  readonly level: string;
  readonly source: string;
  readonly note?: string;
  readonly text: string;
  readonly numbers?: readonly number[];
}

function linesOf(path: string): Line[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
}

/** Runs a thread that speaks until it has ended, in whichever way. */
async function runSpeaker(seat: ServiceSeat, messageCount: number, end: SpeakerData["end"]): Promise<void> {
  const data: SpeakerData = { role: "speaker", seat, messageCount, end };
  const thread = startThread(data, { name: "speaker", entry });
  thread.on("error", () => {});
  const ended = new Promise<void>((resolve) => thread.once("exit", () => resolve()));
  await new Promise<void>((resolve) => thread.once("message", () => resolve()));
  if (end === "hang") void thread.terminate();
  await ended;
}

const pause = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis));
async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 6_000 && !condition(); turn++) await pause(10);
  expect(condition()).toBe(true);
}

describe("flushing", () => {
  test("four threads that end in four ways: what they said is in the file in their order, and the rest is counted", async () => {
    const messageCount = 5_000;
    const { services, faults, logPath } = start({ logSize: { cellCount: 256, cellBytes: 128, producerCount: 8 } });
    const ends = ["return", "throw", "exit", "hang"] as const;
    await Promise.all(
      ends.map(async (end, i) => {
        const seat = services.seat(sources[i + 1]!);
        await runSpeaker(seat, messageCount, end);
        services.leave(seat);
      }),
    );
    const report = await services.close(60_000);
    const lines = linesOf(logPath);
    let saidCount = 0;
    let droppedCount = 0;
    for (const source of sources.slice(1)) {
      const numbers = lines
        .filter((line) => line.source === source && line.note === "said")
        .map((line) => line.numbers![0]!);
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
      expect(new Set(numbers).size).toBe(numbers.length);
      saidCount += numbers.length;
    }
    for (const line of lines) if (line.note === "messages-dropped") droppedCount += line.numbers![0]!;
    expect(saidCount + droppedCount).toBe(4 * messageCount);
    expect(report).toEqual({
      flushedCount: saidCount,
      unwrittenCount: 0,
      droppedCount,
      lostCount: 0,
      unflushedCount: 0,
      telemetryLineCount: 0,
      wasCutShort: false,
    });
    expect(faults).toEqual([]);
    expect(await services.close(0)).toBe(report);
  });

  test("a thread that dies while it writes loses that message; those behind it are written", async () => {
    const { services, logPath } = start();
    const [dying, living] = [services.seat("a"), services.seat("b")];
    new RingProducer(new MessageRing(dying.log.ring), dying.token).claim();
    openSeat(living).log.warn("behind");
    services.leave(dying);
    expect(await services.close(60_000)).toMatchObject({
      flushedCount: 1,
      lostCount: 1,
      unflushedCount: 0,
      wasCutShort: false,
    });
    expect(linesOf(logPath).map(({ source, text }) => `${source}: ${text}`)).toEqual([
      "b: behind",
      "unknown: 1 message was lost because the thread ended while writing",
    ]);
  });

  test("an error is written at once, and a seat must have a known name", async () => {
    const { services, logPath } = start();
    openSeat(services.seat("main")).log.error("now", 7, Number.NaN);
    await until(() => existsSync(logPath) && statSync(logPath).size > 0);
    const [line] = linesOf(logPath);
    expect(line).toMatchObject({ level: "error", source: "main", tick: 0, text: "now", numbers: [7, "NaN"] });
    expect(() => services.seat("nobody")).toThrow('"nobody", which does not exist');
  });

  test("telemetry is a line of JSON a second and one at the end", async () => {
    const telemetryPath = join(folder, "telemetry.jsonl");
    const { services } = start({ telemetryPath });
    const seat = services.seat("main");
    const { telemetry, log } = openSeat(seat);
    telemetry.count(0, 5);
    telemetry.gauge(1, 0.5);
    telemetry.observe(2, 700);
    telemetry.observe(2, 701);
    telemetry.observe(2, 0);
    await until(() => existsSync(telemetryPath) && statSync(telemetryPath).size > 0);
    telemetry.count(0, 2);
    log.info("x");
    const { telemetryLineCount } = await services.close(60_000);
    const lines = readFileSync(telemetryPath, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.length).toBe(telemetryLineCount);
    expect(lines.length).toBeGreaterThanOrEqual(2);
    const { time, ...last } = lines.at(-1);
    expect(new Date(time).toISOString()).toBe(time);
    expect(last).toEqual({
      counters: { said_total: 7 },
      gauges: { idle_share: 0.5 },
      histograms: { frame_micros: { count: 3, sum: 1_401, atMost: { 0: 1, 1023: 2 } } },
      log: { written: 1, read: expect.any(Number), dropped: 0, lost: 0 },
    });
    expect(lines[0].counters).toEqual({ said_total: 5 });
  });
});

describe("a close that cannot be whole", () => {
  test("a thread that is still writing holds it up until the deadline, and what was not flushed is counted", async () => {
    const { services, logPath } = start();
    const [first, second] = [services.seat("a"), services.seat("b")];
    const { log } = openSeat(second);
    log.error("before");
    await until(() => existsSync(logPath) && statSync(logPath).size > 0);
    new RingProducer(new MessageRing(first.log.ring), first.token).claim();
    for (let i = 0; i < 9; i++) log.info("after");
    const report = await services.close(100);
    expect(report).toMatchObject({ flushedCount: 1, unflushedCount: 10, lostCount: 0, wasCutShort: true });
    expect(linesOf(logPath).map(({ text }) => text)).toEqual(["before"]);
  });

  test("a reader that stops reading a pipe holds nothing up but the lines", async () => {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
    const { services, faults } = start({ logPath: pipe });
    const { log } = openSeat(services.seat("main"));
    let said = 0;
    // A pipe holds 64 KiB; the ring behind it fills next, and then messages are dropped and counted.
    for (let turn = 0; turn < 200 && services.audit().dropped === 0; turn++) {
      for (let i = 0; i < 100; i++, said++) log.info("a line of some length to fill the pipe with, and then the ring");
      await pause(2);
    }
    const report = await services.close(100);
    expect(report.wasCutShort).toBe(true);
    expect(report.droppedCount).toBeGreaterThan(0);
    expect(report.unflushedCount).toBeGreaterThan(0);
    expect(report.flushedCount + report.unflushedCount + report.droppedCount).toBe(said);
    expect(faults).toEqual([]);
    closeSync(reader);
  });

  test.each(["throw", "exit", "return"])("a process that ends by %s has its log flushed", (end) => {
    const path = join(folder, "log.jsonl");
    const child = spawnSync(process.execPath, [fileURLToPath(entry), end, path], {
      encoding: "utf8",
      timeout: 100_000,
    });
    expect(child.status).toBe({ throw: 1, exit: 3, return: 0 }[end]);
    const lines = linesOf(path);
    expect(lines.slice(0, 500).map(({ text }) => text)).toEqual(
      Array.from({ length: 500 }, (_, i) => `message ${i + 1}`),
    );
    expect(lines[500]).toMatchObject({ level: "error", text: "the last words\u001b[31m\n" });
    expect(lines).toHaveLength(501);
  });

  test("without a file, lines go to standard error: as JSON into a pipe", () => {
    const child = spawnSync(process.execPath, [fileURLToPath(entry), "stderr", ""], {
      encoding: "utf8",
      timeout: 100_000,
    });
    const lines = child.stderr
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Line);
    expect(lines).toHaveLength(501);
    expect(lines[500]).toMatchObject({ text: "the last words\u001b[31m\n", numbers: [1, 2] });
  });
});

describe("files that cannot be written", () => {
  test.runIf(existsSync("/dev/full"))(
    "a full disk is told once, the run goes on, and messages are counted",
    async () => {
      const { services, faults } = start({ logPath: "/dev/full", telemetryPath: "/dev/full" });
      const { log } = openSeat(services.seat("main"));
      for (let i = 0; i < 5; i++) {
        expect(log.error("nobody will read this")).toBe(true);
        await pause(20);
      }
      await until(() => faults.length > 0);
      const report = await services.close(60_000);
      expect(report).toMatchObject({ flushedCount: 0, unwrittenCount: 5, unflushedCount: 0, wasCutShort: false });
      expect(faults.filter((fault) => faultText(fault).includes("(log)")).map(faultText)).toEqual([
        expect.stringMatching(/^\/dev\/full \(log\) cannot be written: .*ENOSPC/),
      ]);
    },
  );

  test("a file that can be written later has the rest, and a line says how many are missing", async () => {
    const logPath = join(folder, "later", "log.jsonl");
    const { services, faults } = start({ logPath });
    const { log } = openSeat(services.seat("main"));
    log.error("one");
    log.error("two");
    await until(() => faults.length === 1 && services.audit().waiting === 0);
    await pause(100);
    mkdirSync(join(folder, "later"));
    log.error("three");
    const report = await services.close(60_000);
    expect(report).toMatchObject({ flushedCount: 1, unwrittenCount: 2, unflushedCount: 0 });
    expect(linesOf(logPath).map(({ note, text }) => [note, text])).toEqual([
      ["messages-unwritten", expect.stringMatching(/^2 messages before this one could not be written: ENOENT/)],
      [undefined, "three"],
    ]);
    expect(faults).toHaveLength(1);
  });

  test.runIf(process.platform === "linux")(
    "lines that no longer fit are cut off again: the file ends with a whole line",
    () => {
      const path = join(folder, "limited");
      // 4 KiB and no more: a write that crosses the limit is cut short, the next one fails.
      const command = `ulimit -f 4; exec "$0" "$1" sink "$2"`;
      const child = spawnSync("bash", ["-c", command, process.execPath, fileURLToPath(entry), path], {
        encoding: "utf8",
        timeout: 100_000,
      });
      const said = JSON.parse(child.stdout);
      expect(said).toMatchObject({ count: 5, again: "written", problem: expect.stringContaining("EFBIG") });
      const lines = [...Array.from({ length: 35 }, () => "x".repeat(99)), "y".repeat(9), ""];
      expect(readFileSync(path, "utf8")).toBe(lines.join("\n"));
    },
  );
});
