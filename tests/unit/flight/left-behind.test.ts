/** What killed processes leave: claimed when they are gone, never touched while they are alive, and not kept for ever. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Engine } from "../../../engine/engine.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { blockKind } from "../../../engine/replay/block.ts";
import { readJournal } from "../../../engine/replay/journal.ts";
import { recorderSubsystem } from "../../../engine/replay/recorder.ts";
import { BlockStream } from "../../../runtime/flight/block-stream.ts";
import { FramedFile } from "../../../runtime/flight/framed-file.ts";
import { claimLeftBehind, crashCountMax, crashDaysMax, pruneCrashes } from "../../../runtime/flight/left-behind.ts";
import { processSpace, spaceAttachment } from "../../../runtime/flight/process-space.ts";
import { tumble } from "../../games/tumble.ts";

const parent = mkdtempSync(join(tmpdir(), "orrery-left-"));
afterAll(() => rmSync(parent, { recursive: true, force: true }));
let folderCount = 0;
function newFolder(): string {
  const folder = join(parent, String(folderCount++));
  mkdirSync(folder);
  return folder;
}

/** A journal without an end, of so many ticks, and a torn block behind it. */
async function writeTorn(path: string, tickCount: number): Promise<void> {
  const file = new FramedFile(path);
  const stream = new BlockStream();
  const sink = {
    append: (bytes: Uint8Array) => {
      for (const { kind, payload } of stream.add(bytes.slice())) {
        if (kind !== blockKind.end) file.add(kind, payload);
        if (kind === blockKind.header) file.add(blockKind.attachment, spaceAttachment(processSpace()));
      }
    },
    flush() {},
  };
  const recorder = recorderSubsystem(sink, { ticksPerBlock: 5 });
  const engine = new Engine(tumble, { clock: new ManualClock() }, { seed: 7, subsystems: [recorder] });
  await engine.start();
  for (let tick = 0; tick < tickCount; tick++) engine.step();
  engine.dispose();
  file.close();
  writeFileSync(path, readFileSync(path).subarray(0, -3));
}

/** A process that has ended, and one that has not until `end`. */
async function processes() {
  const gone = spawn(process.execPath, ["-e", "0"]);
  await once(gone, "exit");
  const alive = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  await once(alive, "spawn");
  return { gone: gone.pid!, alive: alive.pid!, end: () => alive.kill() };
}

test("the longer file of a process that is gone becomes a box with its trace; one that is alive keeps its files", async () => {
  const folder = newFolder();
  const { gone, alive, end } = await processes();
  await writeTorn(join(folder, `flight-${gone}-a.orb`), 30);
  await writeTorn(join(folder, `flight-${gone}-b.orb`), 10);
  const trace = JSON.stringify({ traceEvents: [], text: "x".repeat(40_000) });
  writeFileSync(join(folder, `flight-${gone}-a.trace`), trace);
  writeFileSync(join(folder, `flight-${gone}-a.trace.part`), trace.slice(0, 100));
  const kept = ["a.orb", "a.trace", "a.trace.part"].map((ending) => `flight-${alive}-${ending}`);
  for (const name of kept) writeFileSync(join(folder, name), "of a process that is alive");
  try {
    const [found, ...more] = claimLeftBehind(folder);
    expect([more, found]).toMatchObject([[], { processId: gone, box: { kind: "crash", firstTick: 1, lastTick: 25 } }]);
    expect(found!.box.seconds).toBeCloseTo(25 / tumble.tickRate, 9);
    const { path } = found!.box;
    expect(readdirSync(folder).sort()).toEqual([path.slice(folder.length + 1), ...kept].sort());
    const { notes, tornBytes, lastTick } = readJournal(readFileSync(path), path);
    expect([tornBytes, lastTick, notes.map(({ text }) => text).join("")]).toEqual([0, 25, trace]);
    expect(claimLeftBehind(folder)).toEqual([]);
  } finally {
    end();
  }
});

test("files that a loss of power left with zeros for an end are claimed to their last whole block, and gone on with", async () => {
  const folder = newFolder();
  const { gone, end } = await processes();
  end();
  const path = join(folder, `flight-${gone}-a.orb`);
  await writeTorn(path, 30);
  const written = readFileSync(path);
  writeFileSync(path, Buffer.concat([written, Buffer.alloc(70_000)]));
  // Of one that was only just begun nothing was written, and of the trace nothing either.
  writeFileSync(join(folder, `flight-${gone}-b.orb`), Buffer.alloc(4_096));
  const trace = JSON.stringify({ traceEvents: [] });
  for (const [name, contents, notes] of [
    ["a.trace", Buffer.from(trace), [trace]],
    ["a.trace", Buffer.alloc(4_096), []],
  ] as const) {
    writeFileSync(join(folder, `flight-${gone}-${name}`), contents);
    const [found, ...more] = claimLeftBehind(folder);
    expect([more, found?.box.lastTick, readdirSync(folder).length]).toEqual([[], 25, 1]);
    const box = readJournal(readFileSync(found!.box.path), "box");
    expect([box.lastTick, box.notes.map(({ text }) => text)]).toEqual([25, notes]);
    // Without a trace the file is as it was found; with one it is gone on with behind its last whole block.
    expect(box.tornBytes > 0).toBe(notes.length === 0);
    rmSync(found!.box.path);
    writeFileSync(path, Buffer.concat([written, Buffer.alloc(70_000)]));
  }
});

test("each world of a process has a box of its own", async () => {
  const folder = newFolder();
  const { gone, end } = await processes();
  end();
  // The ninth and tenth worlds: names come to their second letter there.
  for (const [letters, ticks] of [
    ["y", 10],
    ["z", 20],
    ["aa", 15],
    ["ab", 30],
    ["ac", 40],
  ] as const)
    await writeTorn(join(folder, `flight-${gone}-${letters}.orb`), ticks);
  writeFileSync(join(folder, `flight-${gone}-ab.trace`), "of the second");
  const found = claimLeftBehind(folder).map(({ box }) => box);
  expect(found.map(({ lastTick }) => lastTick)).toEqual([15, 35]);
  const traces = found.map(({ path }) => readJournal(readFileSync(path), path).notes.map(({ text }) => text));
  expect(traces).toEqual([[], ["of the second"]]);
  expect(readdirSync(folder).length).toBe(2);
});

test("boxes of crashes beyond a number and an age go, the oldest first; others and what was asked for stay", () => {
  const folder = newFolder();
  const now = new Date("2026-06-01T12:00:00Z");
  const daysAgo = (days: number): Date => new Date(now.getTime() - days * 86_400_000);
  const put = (name: string, days: number): string => {
    writeFileSync(join(folder, name), "");
    utimesSync(join(folder, name), daysAgo(days), daysAgo(days));
    return name;
  };
  const stays = [
    put("box-20200101T000000-5.orb", 2_000),
    put("crash-course.orb", 2_000),
    put("flight-1-a.orb", 2_000),
    put("notes.txt", 2_000),
  ];
  const old = [put("crash-20200101T000000-7.orb", crashDaysMax + 1), put("crash-20200101T000000-7-2.orb", 400)];
  const young = Array.from({ length: crashCountMax + 3 }, (_, day) => put(`crash-20260501T000000-${day}.orb`, day));
  const gone = pruneCrashes(folder, now);
  expect(gone.sort()).toEqual([...old, ...young.slice(crashCountMax)].sort());
  expect(readdirSync(folder).sort()).toEqual([...stays, ...young.slice(0, crashCountMax)].sort());
  expect(pruneCrashes(folder, now)).toEqual([]);
  expect(pruneCrashes(join(folder, "none"), now)).toEqual([]);
});
