/** The trace's file on a real disk: whole at every moment, complete at the end, and never the end of a run. */
import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type Fault, FaultError } from "../../../engine/base/faults.ts";
import { TraceMemory } from "../../../engine/trace/memory.ts";
import { TraceNames } from "../../../engine/trace/names.ts";
import { Track } from "../../../engine/trace/track.ts";
import { validateTrace } from "../../../engine/trace/validate.ts";
import { hostClock } from "../../../runtime/host/clock.ts";
import { TraceFile } from "../../../runtime/trace/trace-file.ts";

const folder = mkdtempSync(join(tmpdir(), "orrery-trace-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function newTrace(path: string, faults: Fault[] = []) {
  const memory = TraceMemory.allocate({ tracks: ["engine"], eventsPerTrack: 64, nameCapacity: 8 });
  const work = new TraceNames(memory).add("work");
  const run = { game: "tumble", seed: 1, workerCount: 0 };
  const file = TraceFile.open({ path, memory, run, onFault: (fault) => faults.push(fault) });
  return { memory, track: new Track(memory, 0), work, file };
}
function write(track: Track, name: number, count: number): void {
  for (let i = 0; i < count; i++) {
    const startMicros = hostClock.nowMicros();
    track.span(name, startMicros, hostClock.nowMicros());
  }
}

test("is whole after every piece and has every event at the end", () => {
  const path = join(folder, "pieces.json");
  const { memory, track, work, file } = newTrace(path);
  expect(memory.isOn).toBe(true);
  for (let piece = 1; piece <= 5; piece++) {
    write(track, work, 30);
    file.flush();
    expect(validateTrace(readFileSync(path, "utf8"))).toEqual([]);
    expect(file.summary.eventCount).toBe(30 * piece);
  }
  write(track, work, 10);
  const summary = file.close();
  const text = readFileSync(path, "utf8");
  expect(validateTrace(text)).toEqual([]);
  expect(summary).toEqual({ path, eventCount: 160, droppedCount: 0, byteCount: text.length });
  expect(memory.isOn).toBe(false);
  expect(file.close()).toEqual(summary);
});

test("is drained by itself as time goes by, so that a small ring loses nothing", async () => {
  const path = join(folder, "drained.json");
  const { track, work, file } = newTrace(path);
  for (let count = 0; count < 300; count += 30) {
    write(track, work, 30);
    while (file.summary.eventCount < count + 30) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(file.close()).toMatchObject({ eventCount: 300, droppedCount: 0 });
});

test("counts what was dropped when nobody drained in time", () => {
  const { track, work, file } = newTrace(join(folder, "dropped.json"));
  write(track, work, 100);
  // 60 events and the one that tells of the other 40.
  expect(file.close()).toMatchObject({ eventCount: 61, droppedCount: 40 });
});

test("that cannot be made is a fault, and tracing stays off", () => {
  const path = join(folder, "no folder", "trace.json");
  const fault = (() => {
    try {
      return newTrace(path);
    } catch (thrown) {
      return thrown instanceof FaultError ? thrown.fault : thrown;
    }
  })();
  expect(fault).toMatchObject({ kind: "trace-unwritable", fields: { path, what: "trace" } });
});

test("on a full disk is a fault at once", () => {
  expect(() => newTrace("/dev/full")).toThrow("E0902 /dev/full (trace) cannot be written: ENOSPC");
});

/** A pipe of the file system, with the reading end open. */
function newPipe(name: string): { path: string; reader: number } {
  const path = join(folder, name);
  execFileSync("mkfifo", [path]);
  return { path, reader: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK) };
}

test("may be a pipe, which is closed once, at the end", () => {
  const { path, reader } = newPipe("whole.pipe");
  const { track, work, file } = newTrace(path);
  write(track, work, 20);
  file.flush();
  write(track, work, 20);
  file.close();
  const bytes = new Uint8Array(65_536);
  const text = Buffer.from(bytes.subarray(0, readSync(reader, bytes))).toString();
  closeSync(reader);
  expect(validateTrace(text)).toEqual([]);
  expect(JSON.parse(text).otherData).toMatchObject({ events: 40 });
});

test("that cannot be written any more is told once and switches tracing off; the run goes on", () => {
  const faults: Fault[] = [];
  const { path, reader } = newPipe("broken.pipe");
  const { memory, track, work, file } = newTrace(path, faults);
  closeSync(reader);
  write(track, work, 5);
  file.flush();
  expect(memory.isOn).toBe(false);
  write(track, work, 5);
  file.flush();
  file.close();
  const problem = "EPIPE: broken pipe, write";
  expect(faults).toEqual([{ kind: "trace-unwritable", fields: { path, what: "trace", problem } }]);
});
