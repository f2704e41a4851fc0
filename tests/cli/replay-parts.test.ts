/** `replay verify` from keyframes in several processes: the same verdict as in one, and the first tick that differs. */
import { readFileSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { ByteReader } from "../../engine/base/bytes.ts";
import { blockKind } from "../../engine/replay/block.ts";
import { readJournal } from "../../engine/replay/journal.ts";
import { framed, partsOf } from "../data/journals.ts";
import { tumbleInput } from "../data/tumble-input.ts";
import { brokenTick } from "../games/variants.ts";
import { command, type Finished, jsonOf, messageOf, newPath, RunningCommand } from "./command.ts";

const ticks = 500;
const journal = newPath("parts.orj");
let hash: string;
beforeAll(async () => {
  const input = newPath("input.jsonl");
  writeFileSync(input, tumbleInput(ticks));
  const args = ["--ticks", String(ticks), "--seed", "7", "--input", input, "--record", journal, "--print-hash"];
  hash = (await command(["run", ...args, "--keyframe-every", "60"])).stdout.trim();
});

const verify = (processes: number, ...more: string[]): Promise<Finished> =>
  command(["replay", "verify", journal, "--processes", String(processes), ...more]);

test("the journal has its keyframes, small ones, and the hash of a run without any", async () => {
  const { keyframes, end } = readJournal(readFileSync(journal), journal);
  expect(keyframes.map(({ tick }) => tick)).toEqual([60, 120, 180, 240, 300, 360, 420, 480]);
  for (const { rawLength, block } of keyframes) expect(block.payloadBytes * 2).toBeLessThan(rawLength);
  expect(end).toMatchObject({ reason: "stopped", tick: ticks });
});

test("one, two and three processes say the same", async () => {
  for (const processes of [1, 2, 3]) {
    const value = jsonOf(await verify(processes, "--json"));
    expect(value).toMatchObject({
      tickCount: ticks,
      hash,
      keyframeCount: 8,
      processCount: processes,
      ending: "stopped",
    });
  }
  const told = await verify(2);
  expect(told.stdout).toContain("\n9 parts, each from its keyframe to the next, in 2 processes.\n");
}, 120_000);

test("the first tick that differs is told, however many parts differ", async () => {
  const args = ["replay", "verify", journal, "--processes", "2"];
  const result = await command(args, { variant: "diverges" });
  expect(result).toMatchObject({ code: 3, stdout: "" });
  expect(messageOf(result)).toContain(`part at tick ${brokenTick}, first in Arm.angle: recorded `);
});

test("a process that never comes back is ended, and where it was is told", async () => {
  const args = ["replay", "verify", journal, "--processes", "2", "--silence-limit", "1200"];
  const result = await command(args, { variant: "endless" });
  expect(result).toMatchObject({ code: 4, stdout: "" });
  // A part goes on for two seconds behind its end where only left-over bytes differ, so it may be one before that of the tick.
  expect(messageOf(result)).toMatch(
    /E0606 The replay thread did not come back from the ticks behind (60, in part 2|120, in part 3|180, in part 4) of 9, within 14400 ms\./,
  );
}, 120_000);

test("a journal of another program is refused before a process is started", async () => {
  const result = await command(["replay", "verify", journal, "--processes", "2"], { variant: "otherSchema" });
  expect(result).toMatchObject({ code: 1, stdout: "" });
  expect(messageOf(result)).toContain("was recorded with schema");
});

describe("a journal that begins at a keyframe", () => {
  test("is verified from there, and that is said", async () => {
    const parts = partsOf(readFileSync(journal));
    const [header, ...rest] = parts;
    const keyframe = rest.findIndex(({ kind }) => kind === blockKind.keyframe);
    const first = rest[keyframe]!;
    // The keyframe came some ticks late: the block of the tick behind it stands before it, and maybe others.
    const ticksBefore = rest.findLastIndex(
      ({ kind, payload }) => kind === blockKind.ticks && new ByteReader(payload).u32() <= 61,
    );
    const path = newPath("box.orj");
    writeFileSync(path, framed([header!, first, ...rest.slice(ticksBefore).filter((part) => part !== first)]));
    for (const processes of ["1", "2"]) {
      const result = await command(["replay", "verify", path, "--processes", processes]);
      expect(result.code).toBe(0);
      expect(result.stdout).toContain(`${path}: ${ticks - 60} ticks verified, `);
      expect(result.stdout).toContain(`, hash ${hash}\n`);
      expect(result.stdout).toContain("The journal begins at a keyframe, behind tick 60.\n");
    }
  });
});

test("a journal of a paced run has its keyframes, and no tick was dropped for them", async () => {
  const path = newPath("paced.orj");
  const args = ["run", "--ticks", "90", "--paced", "--record", path, "--keyframe-every", "30"];
  const result = await command(args);
  expect(result.code, result.stderr).toBe(0);
  const { header, keyframes } = readJournal(readFileSync(path), path);
  expect(keyframes.map(({ tick }) => tick - (tick % 30))).toEqual([30, 60, 90]);
  // A keyframe is taken behind a frame, and one that comes late makes several ticks.
  for (const { tick } of keyframes) expect(tick % 30).toBeLessThan(header.program.limits.ticksPerFrame);
  const none = newPath("none.orj");
  await command(["run", "--ticks", "90", "--record", none, "--keyframe-every", "0"]);
  expect(readJournal(readFileSync(none), none).keyframes).toEqual([]);
});

test("a child whose parent is gone ends", async () => {
  const running = new RunningCommand(["replay", "verify", journal, "--serve-parts"]);
  const result = await running.finished;
  expect(result.code).toBe(0);
});
