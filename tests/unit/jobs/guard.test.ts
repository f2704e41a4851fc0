/** Guard mode on the coordinator: each write to what is not a chunk's own is found, with its name. */
import { describe, expect, test } from "vitest";
import type { Fault } from "../../../engine/base/faults.ts";
import { f32, u32 } from "../../../engine/ecs/field.ts";
import { defineJob } from "../../../engine/jobs/definition.ts";
import { defineOutput } from "../../../engine/jobs/output.ts";
import { type SwarmVariant, swarmVariants } from "../../games/swarm-variants.ts";
import { Aged, faultFrom, startGame, startJobs } from "./small-jobs.ts";

async function faultOfVariant(variant: SwarmVariant, guard = true): Promise<Fault> {
  const { engine } = await startGame(swarmVariants[variant](), { guard });
  return faultFrom(() => {
    for (let tick = 0; tick < 20; tick++) engine.step();
  });
}

const found: readonly { readonly variant: SwarmVariant; readonly fault: unknown }[] = [
  {
    variant: "writes-outside",
    fault: { kind: "job-wrote-outside", fields: { job: "bounds", chunk: 1, tick: 5, output: "Bounds.x" } },
  },
  {
    variant: "tick-job-writes-outside",
    fault: { kind: "job-wrote-outside", fields: { job: "sense", chunk: 1, tick: 10, output: "sense.distance" } },
  },
  {
    variant: "writes-input",
    fault: { kind: "job-wrote-outside", fields: { job: "cull", chunk: 0, tick: 5, output: "Bounds.z" } },
  },
  {
    variant: "writes-snapshot",
    fault: { kind: "snapshot-written", fields: { jobs: "bounds, chunk 0", tick: 5, column: "Mote.vx" } },
  },
  {
    variant: "tick-job-writes-snapshot",
    fault: { kind: "snapshot-written", fields: { jobs: "sense, chunk 0", tick: 10, column: "WorldTransform.matrix" } },
  },
];

test.each(found)("$variant", async ({ variant, fault }) => {
  expect(await faultOfVariant(variant)).toEqual(fault);
});

test("without it, none of that is looked at", async () => {
  await expect(faultOfVariant("writes-outside", false)).rejects.toThrow("no fault was raised");
});

describe("a job of many columns", () => {
  const names = Array.from({ length: 20 }, (_, n) => `c${String(n).padStart(2, "0")}`);
  const wide = (
    write: (chunk: {
      number: number;
      params: Record<string, Uint32Array>;
      output: Record<string, Float32Array>;
    }) => void,
  ) =>
    defineJob({
      name: "wide",
      params: { limit: u32 },
      output: defineOutput("Wide", Object.fromEntries(names.map((name) => [name, f32]))),
      chunkItems: 2,
      itemsMax: () => 6,
      begin: () => 6,
      run(chunk) {
        write(chunk as never);
        return chunk.count;
      },
    });

  test("is watched in all of them, to the last", async () => {
    for (const name of [names[0]!, names[11]!, names[19]!]) {
      const job = wide(({ number, output }) => {
        const column = output[name]!;
        if (number === 2) new Float32Array(column.buffer, column.byteOffset - 256, 1)[0] = 5;
      });
      const { engine } = await startJobs([job], {}, { guard: true });
      expect(faultFrom(() => engine.step())).toEqual({
        kind: "job-wrote-outside",
        fields: { job: "wide", chunk: 2, tick: 1, output: `Wide.${name}` },
      });
    }
  });

  test("may write all of its own rows", async () => {
    const job = wide(({ output }) => {
      for (const name of names) output[name]!.fill(7);
    });
    const { engine } = await startJobs([job], {}, { guard: true });
    for (let tick = 0; tick < 4; tick++) engine.step();
    expect(engine.status.state).toBe("running");
  });

  test("may not write its parameters", async () => {
    const job = wide(({ params, number }) => {
      if (number === 1) params["limit"]![0] = 9;
    });
    const { engine } = await startJobs([job], {}, { guard: true });
    expect(faultFrom(() => engine.step())).toEqual({
      kind: "job-wrote-outside",
      fields: { job: "wide", chunk: 1, tick: 1, output: "wide.params.limit" },
    });
  });
});

test("a begin that writes the snapshot is found when the group is joined", async () => {
  const job = defineJob({
    name: "a",
    reads: [Aged],
    output: defineOutput("A", { x: f32 }),
    chunkItems: 1,
    itemsMax: () => 1,
    begin({ columns }) {
      (columns.Aged.x as unknown as Float32Array)[3] = 8;
      return 1;
    },
    run: () => 1,
  });
  const { engine } = await startJobs([job], {}, { guard: true });
  expect(faultFrom(() => engine.step())).toEqual({
    kind: "snapshot-written",
    fields: { jobs: "the frame's jobs", tick: 1, column: "Aged.x" },
  });
});
