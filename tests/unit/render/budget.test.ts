/**
 * The budget in the frame: what frames cost decides how frame jobs run, decisions are told and shown in packets, and the
 * world's hash knows nothing of it. Time is a clock that a part of the test moves.
 */
import { describe, expect, test } from "vitest";
import type { Decision } from "../../../engine/budget/budget.ts";
import type { Rung } from "../../../engine/budget/ladder.ts";
import { Engine } from "../../../engine/engine.ts";
import { defineSubsystem } from "../../../engine/index.ts";
import { type AnyJob, defineJob } from "../../../engine/jobs/definition.ts";
import { defineOutput } from "../../../engine/jobs/output.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import type { PacketSink } from "../../../engine/ports/packet-sink.ts";
import { budgetSubsystem } from "../../../engine/render/budget.ts";
import { type PacketHeader, readPacket } from "../../../engine/render/packet.ts";
import { renderSubsystem } from "../../../engine/render/subsystem.ts";
import { budget as scrapyardLadder } from "../../../game/budget.ts";
import { scrapyard } from "../../../game/game.ts";
import { tumble } from "../../games/tumble.ts";
import { Draws, testSeed } from "../seeds.ts";
import { faultOfAsync } from "../small-world.ts";

const period = 1_000_000 / tumble.tickRate;

/** What the job was granted in each frame: its quality, or 0 in a frame without it. */
class Grants {
  readonly qualities: number[] = [];
  #frame = 0;
  readonly job: AnyJob = defineJob({
    name: "sparks",
    output: defineOutput("Sparks", { x: { scalar: "f32", length: 1 } }),
    chunkItems: 4,
    itemsMax: () => 4,
    begin: ({ quality }) => {
      this.qualities[this.#frame] = quality;
      return 4;
    },
    run: ({ count }) => count,
  });
  endFrame(): void {
    this.qualities[this.#frame] ??= 0;
    this.#frame++;
  }
}

const rungs: readonly Rung[] = [
  { name: "half the sparks", kind: "lower", target: "sparks", level: 0.5 },
  { name: "sparks every third frame", kind: "defer", target: "sparks", level: 3 },
  { name: "coarser", kind: "lower", target: "detail", level: 0.5 },
  { name: "no sparks", kind: "skip", target: "sparks", level: 1 },
];

interface Run {
  readonly decisions: Decision[];
  readonly headers: PacketHeader[];
  readonly grants: Grants;
  readonly hashes: string[];
}

/** Runs Tumble with the ladder; `loadAt` is a frame's cost in periods by its number and the rungs that are taken. */
async function run(frameCount: number, loadAt: (frame: number, taken: number) => number): Promise<Run> {
  const clock = new ManualClock();
  const grants = new Grants();
  const decisions: Decision[] = [];
  const headers: PacketHeader[] = [];
  const hashes: string[] = [];
  let space: ArrayBuffer | undefined;
  const sink: PacketSink = {
    byteCapacity: 1_000_000,
    claim: () => {
      space ??= new ArrayBuffer(1_000_000);
      return { buffer: space, byteOffset: 0, byteCapacity: 1_000_000 };
    },
    publish: (byteLength) => {
      headers.push({ ...readPacket(new Uint8Array(space!, 0, byteLength))!.header });
    },
  };
  let frame = 0;
  const cost = defineSubsystem({
    name: "cost",
    needs: ["jobs"],
    create: () => ({
      stages: {
        integrate: () => {
          const taken = decisions.at(-1)?.takenCount ?? 0;
          clock.advance(Math.round(period * loadAt(++frame, taken)));
          grants.endFrame();
        },
      },
    }),
  });
  const engine = new Engine(
    { ...tumble, jobs: [grants.job] },
    { clock },
    {
      seed: 5,
      subsystems: [
        cost,
        renderSubsystem(tumble.view!, sink, clock),
        budgetSubsystem({ rungs }, (decision) => decisions.push(decision)),
      ],
    },
  );
  await engine.start();
  headers.length = 0;
  for (let i = 0; i < frameCount; i++) {
    engine.step();
    hashes.push(`${engine.world.hash.high}:${engine.world.hash.low}`);
  }
  engine.dispose();
  return { decisions, headers, grants, hashes };
}

const stepsOf = ({ decisions }: Run): string[] => decisions.map(({ direction, rung }) => `${direction} ${rung}`);

describe("frames that are too slow", () => {
  test("give up rung after rung, in order, and the jobs get what is left", async () => {
    const { decisions, grants, headers } = await run(200, () => 1.3);
    expect(decisions.map(({ rung, direction, cause, takenCount }) => [rung, direction, cause, takenCount])).toEqual(
      rungs.map(({ name }, i) => [name, "degrade", "load", i + 1]),
    );
    const [half, third, , none] = decisions.map(({ frame }) => frame) as [number, number, number, number];
    // A decision is made at the end of its frame: the next one is the first that has it.
    expect(new Set(grants.qualities.slice(0, half))).toEqual(new Set([1]));
    expect(new Set(grants.qualities.slice(half, third))).toEqual(new Set([0.5]));
    const deferred = grants.qualities.slice(third, none);
    expect(deferred.filter((quality) => quality > 0).length).toBe(Math.floor(none / 3) - Math.floor(third / 3));
    expect(new Set(deferred)).toEqual(new Set([0, 0.5]));
    expect(new Set(grants.qualities.slice(none))).toEqual(new Set([0]));
    // The packet of a frame tells of the rungs that it was made under.
    expect(headers.map(({ rung }) => rung)).toEqual(
      headers.map((_, i) => decisions.filter(({ frame }) => frame <= i).length),
    );
    for (const { figures } of decisions) expect(figures.loadMean).toBeCloseTo(1.3, 2);
  });

  test("at their end give everything back, in the other order", async () => {
    const ran = await run(1_500, (frame) => (frame < 200 ? 1.3 : 0.2));
    const names = rungs.map(({ name }) => name);
    expect(stepsOf(ran)).toEqual([
      ...names.map((name) => `degrade ${name}`),
      ...names.toReversed().map((name) => `upgrade ${name}`),
    ]);
    expect(ran.headers.at(-1)!.rung).toBe(0);
    expect(ran.grants.qualities.at(-1)).toBe(1);
  });

  test("that a few rungs mend take only those, and a step load does not make it swing", async () => {
    // Each rung saves 0.2 of a period: with three of them the load is between the two marks.
    const ran = await run(4_000, (frame, taken) => (frame > 100 ? 1.4 : 0.5) - 0.2 * taken);
    expect(stepsOf(ran)).toEqual(rungs.slice(0, 3).map(({ name }) => `degrade ${name}`));
  });

  test("once in a while change nothing", async () => {
    const ran = await run(600, (frame) => (frame % 100 === 0 ? 6 : 0.5));
    expect(ran.decisions).toEqual([]);
  });
});

test("late ticks count as load: a frame that makes several is not as good as one that makes one", async () => {
  const clock = new ManualClock();
  const decisions: Decision[] = [];
  const sink: PacketSink = { byteCapacity: 64, claim: () => undefined, publish() {} };
  const engine = new Engine(
    { ...tumble, jobs: [new Grants().job] },
    { clock },
    {
      seed: 5,
      subsystems: [
        renderSubsystem(tumble.view!, sink, clock),
        budgetSubsystem({ rungs }, (decision) => decisions.push(decision)),
      ],
    },
  );
  await engine.start();
  engine.frame(0);
  // Frames that cost nothing by the clock, but come only every other period.
  for (let i = 1; i <= 60; i++) engine.frame(Math.ceil(i * 2 * period));
  expect(decisions[0]).toMatchObject({ rung: "half the sparks", direction: "degrade", cause: "late" });
  engine.dispose();
});

test("no hash depends on the load", async () => {
  const random = new Draws(testSeed("loads of frames"));
  const idle = await run(400, () => 0.1);
  const loads = Array.from({ length: 401 }, () => random.between(0.2, 2));
  const loaded = await run(400, (frame) => loads[frame]!);
  expect(loaded.decisions.length).toBeGreaterThan(2);
  expect(idle.decisions).toEqual([]);
  expect(loaded.hashes).toEqual(idle.hashes);
});

describe("a ladder that the frame cannot take", () => {
  const startFault = (rung: Rung, jobs: readonly AnyJob[] = [new Grants().job]) =>
    faultOfAsync(async () => {
      const clock = new ManualClock();
      const sink: PacketSink = { byteCapacity: 64, claim: () => undefined, publish() {} };
      const subsystems = [renderSubsystem(tumble.view!, sink, clock), budgetSubsystem({ rungs: [rung] }, () => {})];
      await new Engine({ ...tumble, jobs }, { clock }, { seed: 1, subsystems }).start();
    });

  test("is a fault before the first tick", async () => {
    expect(await startFault({ name: "less", kind: "lower", target: "sprks", level: 0.5 })).toMatchObject({
      kind: "unknown-name",
      fields: { name: "sprks", where: 'The rung "less"' },
    });
    // It reads what others of the frame make, which would move on under it.
    expect(await startFault({ name: "later", kind: "background", target: "visibility", level: 1 })).toMatchObject({
      kind: "bad-definition",
      fields: { name: "visibility" },
    });
    expect(await startFault({ name: "half", kind: "lower", target: "sparks", level: 2 })).toMatchObject({
      kind: "bad-definition",
      fields: { what: "rung", name: "half" },
    });
  });
});

test("Scrapyard's ladder fits its jobs, and skips nothing that would stand still in the air", async () => {
  const clock = new ManualClock();
  const sink: PacketSink = { byteCapacity: 64, claim: () => undefined, publish() {} };
  const subsystems = [renderSubsystem(scrapyard.view!, sink, clock), budgetSubsystem(scrapyardLadder, () => {})];
  const engine = new Engine(scrapyard, { clock }, { seed: 1, subsystems });
  await engine.start();
  engine.dispose();
  expect(scrapyardLadder.rungs.filter(({ kind }) => kind === "skip")).toEqual([]);
});
