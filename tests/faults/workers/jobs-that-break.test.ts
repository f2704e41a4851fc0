/**
 * Jobs that break, on real threads. What breaks on a worker is done again by the coordinator, and the world is the
 * one of the serial run; what breaks there too, or is declared with onFailure "stop", stops it.
 */
import { describe, expect, test } from "vitest";
import type { Fault } from "../../../engine/base/faults.ts";
import { badTicks, hangTimeoutMillis, type SwarmVariant } from "../../games/swarm-variants.ts";
import { expectSerial, faultOf, runVariant } from "./runs.ts";

interface Mended {
  readonly variant: SwarmVariant;
  readonly job: string;
  readonly kind: Fault["kind"];
  readonly heapMegabytesMax?: number;
}

const mended: readonly Mended[] = [
  { variant: "throws-on-workers", job: "bounds", kind: "job-failed" },
  { variant: "tick-job-throws-on-workers", job: "sense", kind: "job-failed" },
  { variant: "hangs-on-workers", job: "bounds", kind: "job-hung" },
  { variant: "spins-on-workers", job: "cull", kind: "job-hung" },
  { variant: "tick-job-hangs-on-workers", job: "sense", kind: "job-hung" },
  { variant: "exits-on-workers", job: "bounds", kind: "worker-lost" },
  { variant: "tick-job-exits-on-workers", job: "sense", kind: "worker-lost" },
  { variant: "hoards-on-workers", job: "dust", kind: "worker-lost", heapMegabytesMax: 48 },
];

describe("what breaks on a worker is done again", () => {
  test.each(mended)("$variant", async ({ variant, job, kind, heapMegabytesMax }) => {
    const { run, reports } = await runVariant(variant, {
      ...(heapMegabytesMax === undefined ? {} : { heapMegabytesMax }),
    });
    await expectSerial(run);
    const told = reports.filter((fault) => fault.kind === kind && (fault.fields as { job: string }).job === job);
    expect(told.length).toBeGreaterThan(0);
    for (const { fields } of told) {
      expect(badTicks).toContain((fields as { tick: number }).tick);
      if (kind === "job-failed") {
        expect(fields).toMatchObject({ message: "planted" });
        expect((fields as { place: string }).place).toMatch(/swarm-variants\.ts:\d+:\d+$/);
      }
      if (kind === "job-hung") expect(fields).toMatchObject({ waitedMillis: hangTimeoutMillis });
    }
    // Nothing else went wrong but what follows from it: a worker that was idle when the pool looked.
    for (const { kind: other } of reports) expect([kind, "worker-lost"]).toContain(other);
  });
});

describe("what breaks everywhere stops the world", () => {
  test("a frame job", async () => {
    const { run } = await runVariant("throws");
    const fault = faultOf(run);
    expect(fault).toMatchObject({
      kind: "job-failed",
      fields: { job: "bounds", chunk: 1, tick: 7, message: "planted" },
    });
    expect((fault.fields as { place: string }).place).toMatch(/swarm-variants\.ts:\d+:\d+$/);
  });

  test("a tick job", async () => {
    const { run } = await runVariant("tick-job-throws");
    expect(faultOf(run)).toMatchObject({
      kind: "job-failed",
      fields: { job: "sense", chunk: 3, tick: 8, message: "planted" },
    });
  });

  test("a job that is declared so, at its first failure on a worker", async () => {
    const { run, reports } = await runVariant("stops");
    const fault = faultOf(run);
    expect(fault).toMatchObject({ kind: "job-failed", fields: { job: "bounds", message: "planted" } });
    expect(badTicks).toContain((fault.fields as { tick: number }).tick);
    expect(reports).toEqual([]);
  });
});

// The same without workers: tests/unit/jobs/guard.test.ts.
describe("guard mode names who writes where it must not", () => {
  test("into another chunk's rows", async () => {
    const { run } = await runVariant("writes-outside", { guard: true });
    expect(faultOf(run)).toEqual({
      kind: "job-wrote-outside",
      fields: { job: "bounds", chunk: 1, tick: 5, output: "Bounds.x" },
    });
  });

  test("on a worker, though nobody else does", async () => {
    const { run } = await runVariant("writes-outside-on-workers", { guard: true });
    const fault = faultOf(run);
    expect(fault).toMatchObject({ kind: "job-wrote-outside", fields: { job: "bounds", output: "Bounds.x" } });
    expect(badTicks).toContain((fault.fields as { tick: number }).tick);
  });

  test("a tick job into its last run", async () => {
    const { run } = await runVariant("tick-job-writes-outside", { guard: true });
    expect(faultOf(run)).toEqual({
      kind: "job-wrote-outside",
      fields: { job: "sense", chunk: 1, tick: 10, output: "sense.distance" },
    });
  });

  test("into another job's output", async () => {
    const { run } = await runVariant("writes-input", { guard: true });
    expect(faultOf(run)).toMatchObject({
      kind: "job-wrote-outside",
      fields: { job: "cull", tick: 5, output: "Bounds.z" },
    });
  });

  test("a frame job into the snapshot", async () => {
    const { run } = await runVariant("writes-snapshot", { guard: true });
    expect(faultOf(run)).toEqual({
      kind: "snapshot-written",
      fields: { jobs: "bounds, chunk 0", tick: 5, column: "Mote.vx" },
    });
  });

  test("on a worker alone", async () => {
    const { run } = await runVariant("writes-snapshot-on-workers", { guard: true });
    const fault = faultOf(run);
    expect(fault).toMatchObject({ kind: "snapshot-written", fields: { column: "Mote.vz" } });
    expect((fault.fields as { jobs: string }).jobs).toMatch(/^bounds, chunk \d$/);
  });

  test("a tick job into the snapshot", async () => {
    const { run } = await runVariant("tick-job-writes-snapshot", { guard: true });
    const fault = faultOf(run);
    expect(fault).toMatchObject({ kind: "snapshot-written", fields: { tick: 10, column: "WorldTransform.matrix" } });
    expect((fault.fields as { jobs: string }).jobs).toMatch(/^sense, chunk \d+$/);
  });

  test("a worker that hangs or dies while it is its turn", async () => {
    for (const variant of ["hangs-on-workers", "exits-on-workers"] as const) {
      const { run, reports } = await runVariant(variant, { guard: true });
      await expectSerial(run);
      expect(reports.length).toBeGreaterThan(0);
    }
  });
});
