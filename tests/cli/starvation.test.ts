/**
 * A world on a machine that is busy with other things: the budget gives up what is only shown, ticks may come late or be
 * dropped, and the hash of each tick is that of an idle machine. Other processes of this test keep the processors busy;
 * there are more and more of them until the budget decides.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hashHex } from "../../engine/base/hash.ts";
import type { Decision } from "../../engine/budget/budget.ts";
import { type Journal, readJournal } from "../../engine/replay/journal.ts";
import { type ChromeEvent, isTrouble, parseTrace } from "../../engine/trace/parsed.ts";
import { validateTrace } from "../../engine/trace/validate.ts";
import { createNullDriver } from "../../runtime/drivers/null/driver.ts";
import { setEntry } from "../../runtime/host/project.ts";
import { JournalFile } from "../../runtime/world/journal-file.ts";
import { type RunOutcome, WorldThread } from "../../runtime/world/world-thread.ts";
import { laden } from "../games/laden.ts";

const main = fileURLToPath(new URL("../games/laden-main.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "orrery-starvation-"));
const burnersMax = availableParallelism() * 24;
const burners: ChildProcess[] = [];

function burn(count: number): void {
  for (let i = 0; i < count && burners.length < burnersMax; i++)
    burners.push(spawn(process.execPath, ["-e", "for(;;);"], { stdio: "ignore" }));
}

async function endBurners(): Promise<void> {
  const ended = burners.map((burner) => new Promise((resolve) => burner.once("exit", resolve)));
  for (const burner of burners) burner.kill("SIGKILL");
  burners.length = 0;
  await Promise.all(ended);
}

interface Run {
  readonly path: string;
  readonly journal: Journal;
  readonly outcome: RunOutcome & { readonly kind: "ended" };
  readonly decisions: readonly Decision[];
  /** Rungs that packets told of, without repetitions. */
  readonly rungs: readonly number[];
  readonly events: readonly ChromeEvent[];
  readonly traceProblems: readonly string[];
  readonly log: readonly { readonly note?: string; readonly numbers?: readonly number[] }[];
}

/** Whoever is starved may be silent for longer than a run puts up with. */
const silenceMillis = 60_000;

/** Plays Laden before nobody until `isEnough`, asked ten times a second. */
async function play(
  name: string,
  isEnough: (tick: number, decisions: readonly Decision[], rungs: readonly number[]) => boolean,
): Promise<Run> {
  const path = (ending: string): string => join(folder, `${name}.${ending}`);
  const decisions: Decision[] = [];
  const rungs: number[] = [];
  const driver = createNullDriver();
  const submit = driver.submit.bind(driver);
  const watching = {
    ...driver,
    submit(packet: Uint8Array): void {
      submit(packet);
      const { rung } = driver.lastHeader!;
      if (rungs.at(-1) !== rung) rungs.push(rung);
    },
  };
  const world = await WorldThread.start({
    game: laden,
    seed: 11,
    pace: "clock",
    tickCount: 0,
    script: [],
    journal: new JournalFile(path("orj")),
    drivers: [watching],
    workerCount: 1,
    tracePath: path("json"),
    logPath: path("log"),
    silenceMillis,
    onDecision: (decision) => decisions.push(decision),
  });
  while (!isEnough(world.tick, decisions, rungs)) await new Promise((resolve) => setTimeout(resolve, 100));
  const outcome = await world.stop();
  if (outcome.kind !== "ended") throw new Error(JSON.stringify(outcome.fault));
  const text = readFileSync(path("json"), "utf8");
  const trace = parseTrace(text);
  if (isTrouble(trace)) throw new Error(trace.problem);
  return {
    path: path("orj"),
    journal: readJournal(readFileSync(path("orj")), path("orj")),
    outcome,
    decisions,
    rungs,
    events: trace.events,
    traceProblems: validateTrace(text),
    log: readFileSync(path("log"), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Run["log"][number]),
  };
}

/** `replay verify` in a process of its own. */
async function verify({ path }: Run): Promise<string> {
  const words = ["replay", "verify", path, "--silence-limit", String(silenceMillis)];
  const child = spawn(process.execPath, [main, ...words], { stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
  const code = await new Promise((resolve) => child.once("close", resolve));
  return `${code}: ${text}`;
}

let starved: Run;
let idle: Run;
let starvedVerified = "";
let idleVerified = "";

beforeAll(async () => {
  setEntry(new URL(`file://${main}`));
  try {
    idle = await play("idle", (tick) => tick >= 240);
    let asked = 0;
    starved = await play("starved", (tick, decisions, rungs) => {
      // A rung may have been given back, and a packet may be replaced before a driver has it: seen is what was submitted.
      if (decisions.length >= 3 && Math.max(...rungs) >= 2 && tick >= 240) return true;
      // Two more for each processor every second and a half, from the start on.
      if (asked++ % 15 === 0) burn(availableParallelism() * 2);
      if (asked > 1_800) throw new Error(`${burners.length} processes do not make the budget decide`);
      return false;
    });
    idleVerified = await verify(idle);
    await endBurners();
    starvedVerified = await verify(starved);
  } finally {
    await endBurners();
  }
}, 900_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const hashesOf = ({ journal }: Run): string[] => journal.ticks.map((tick) => hashHex(tick.hashHigh, tick.hashLow));

describe("the hash", () => {
  test("of each tick is the same starved and idle", () => {
    const [a, b] = [hashesOf(starved), hashesOf(idle)];
    const common = Math.min(a.length, b.length);
    expect(common).toBeGreaterThanOrEqual(240);
    expect(a.slice(0, common)).toEqual(b.slice(0, common));
  });

  test("of a starved run is replayed on the idle machine, and of an idle one on the starved", () => {
    expect(starvedVerified).toMatch(/^0: /);
    expect(starvedVerified).toContain(`${starved.journal.ticks.length} ticks verified`);
    expect(starvedVerified).toContain(`hash ${starved.outcome.summary.hash}`);
    expect(idleVerified).toMatch(/^0: /);
    expect(idleVerified).toContain(`hash ${idle.outcome.summary.hash}`);
  });
});

describe("what is shown", () => {
  test("gets less by the ladder, from its first rung on", () => {
    const { rungs } = laden.budget!;
    expect(starved.decisions.length).toBeGreaterThanOrEqual(3);
    let taken = 0;
    for (const { direction, rung, takenCount } of starved.decisions) {
      const next = direction === "degrade" ? taken : taken - 1;
      expect(rung).toBe(rungs[next]!.name);
      taken += direction === "degrade" ? 1 : -1;
      expect(takenCount).toBe(taken);
    }
    expect(Math.max(...starved.rungs)).toBeGreaterThanOrEqual(2);
  });

  test("is told in packets, in the order of the decisions", () => {
    const counts = [0, ...starved.decisions.map(({ takenCount }) => takenCount)];
    // A packet may be replaced by the next one before a driver has it, so some may be missing.
    let at = 0;
    for (const rung of starved.rungs) {
      at = counts.indexOf(rung, at);
      expect(at, `rung ${rung} of ${starved.rungs.join()} in ${counts.join()}`).toBeGreaterThanOrEqual(0);
    }
  });
});

describe("each decision", () => {
  test("is a note of the journal, with its figures", () => {
    const notes = starved.journal.notes.filter(({ topic }) => topic === "budget");
    expect(notes.map(({ text }) => JSON.parse(text) as Decision)).toEqual(starved.decisions);
    const ticks = notes.map(({ tick }) => tick);
    expect(ticks).toEqual(ticks.toSorted((a, b) => a - b));
  });

  test("is a mark of the trace, which is valid", () => {
    expect(starved.traceProblems).toEqual([]);
    const marks = starved.events.filter(({ name, phase }) => name === "budget decision" && phase === "i");
    expect(marks.map(({ args }) => args["rungs"])).toEqual(starved.decisions.map(({ takenCount }) => takenCount));
    expect(marks.map(({ args }) => args["load percent"])).toEqual(
      starved.decisions.map(({ figures }) => Math.round(figures.loadMean * 100)),
    );
  });

  test("is a line of the log", () => {
    const lines = starved.log.filter(({ note }) => note === "rung-taken" || note === "rung-given-back");
    expect(lines.map(({ note, numbers }) => [note, numbers?.[0]])).toEqual(
      starved.decisions.map(({ direction, takenCount }) =>
        direction === "degrade" ? ["rung-taken", takenCount] : ["rung-given-back", takenCount + 1],
      ),
    );
  });
});
