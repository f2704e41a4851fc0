/** Task groups: dependencies, joining, leaving early, errors; in one thread, so that every step is known. */
import { describe, expect, test } from "vitest";
import { AssertionFailure } from "../../../engine/base/assertions.ts";
import type { AnyJob } from "../../../engine/jobs/definition.ts";
import { type GroupTask, TaskGroup } from "../../../engine/jobs/task-group.ts";
import { countingJob, faultFrom, type Started, startJobs } from "./small-jobs.ts";

/** Four jobs: b and c read a, d reads b and c. Each notes when one of its chunks runs. */
function diamond(log: string[], change: Partial<Record<string, AnyJob["run"]>> = {}): readonly AnyJob[] {
  const noting = (name: string, inputs: readonly AnyJob[]): AnyJob =>
    countingJob({
      name,
      inputs: inputs.map(({ output }) => output),
      run: (chunk) => {
        log.push(`${name}${chunk.number}`);
        return change[name]?.(chunk) ?? chunk.count;
      },
    });
  const a = noting("a", []);
  const b = noting("b", [a]);
  const c = noting("c", [a]);
  return [noting("d", [b, c]), c, b, a];
}

/** A group of the engine's tasks with begins of the test's own. */
function groupOf({ jobs }: Started, names: readonly string[], begin: (name: string) => number = () => 10): TaskGroup {
  const tasks = names.map((name): GroupTask => {
    const task = jobs.memory.tasks.find(({ job }) => job.name === name)!;
    const after = task.job.inputs.map((input) => names.indexOf(input.name.toLowerCase())).filter((at) => at >= 0);
    return { task, after, begin: () => begin(name) };
  });
  return new TaskGroup(jobs.crew, tasks);
}

describe("a group", () => {
  test("runs what others read before them, each chunk once", async () => {
    const log: string[] = [];
    const { engine } = await startJobs(diamond(log));
    engine.step();
    expect(log).toEqual(["a0", "a1", "a2", "b0", "b1", "b2", "c0", "c1", "c2", "d0", "d1", "d2"]);
  });

  test("runs shuffled chunks of a job in another order and never before what it reads", async () => {
    const log: string[] = [];
    const { engine } = await startJobs(diamond(log), {}, { shuffleSeed: 5 });
    engine.step();
    expect([...log].sort()).toEqual(["a0", "a1", "a2", "b0", "b1", "b2", "c0", "c1", "c2", "d0", "d1", "d2"]);
    expect(log.map((entry) => entry.slice(0, 1)).join("")).toBe("aaabbbcccddd");
    expect(log.map((entry) => entry.slice(1)).join("")).not.toBe("012012012012");
  });

  test("tells what is outstanding", async () => {
    const started = await startJobs(diamond([]));
    const group = groupOf(started, ["a", "b", "c", "d"]);
    group.open(1);
    expect(group.outstanding).toEqual(["a", "b", "c", "d"]);
    expect(group.isWhole).toBe(false);
    group.join();
    expect(group.outstanding).toEqual([]);
    expect(group.isWhole).toBe(true);
  });

  test("that is left before it was joined is cancelled and says so", async () => {
    const log: string[] = [];
    const started = await startJobs(diamond(log));
    const group = groupOf(started, ["a", "b", "c", "d"]);
    {
      using left = group.open(9);
      expect(left.outstanding.length).toBe(4);
    }
    expect(log).toEqual([]);
    expect(started.reports).toEqual([{ kind: "group-outstanding", fields: { frame: 9, outstanding: "a, b, c, d" } }]);
    // No chunk of it can be claimed any more, and readers see the run before it: none.
    const a = started.jobs.memory.tasks.find(({ job }) => job.name === "a")!;
    expect(a.words[0]).toBe(0);
    expect(a.view).toMatchObject({ tick: -1, chunkCount: 0, itemCount: 0 });
    // It can be opened again.
    using again = group.open(10);
    again.join();
    expect(log.length).toBe(12);
    expect(started.reports.length).toBe(1);
  });

  test("is joined before it is opened again: it cannot outlive its frame", async () => {
    const started = await startJobs(diamond([]));
    const group = groupOf(started, ["a"]);
    group.open(1);
    expect(() => group.open(2)).toThrow(AssertionFailure);
    group.join();
    group.open(2).join();
  });

  test("leaves out what begins with -1, and what reads that is given its last output", async () => {
    const log: string[] = [];
    const started = await startJobs(diamond(log));
    groupOf(started, ["a", "b"]).open(1).join();
    const { view } = started.jobs.memory.tasks.find(({ job }) => job.name === "a")!;
    const columns = view.columns;
    log.length = 0;
    groupOf(started, ["a", "b"], (name) => (name === "a" ? -1 : 10))
      .open(2)
      .join();
    expect(log).toEqual(["b0", "b1", "b2"]);
    expect(view.columns).toBe(columns);
    expect(view.chunkCount).toBe(3);
  });

  test("of a job without items is whole at once", async () => {
    const log: string[] = [];
    const started = await startJobs(diamond(log));
    groupOf(started, ["a"], () => 0)
      .open(1)
      .join();
    expect(log).toEqual([]);
    expect(started.jobs.memory.tasks.find(({ job }) => job.name === "a")!.view).toMatchObject({
      chunkCount: 0,
      itemCount: 0,
    });
  });
});

describe("errors", () => {
  test("a chunk that throws is a fault with job, chunk, tick and place; the rest is cancelled without another", async () => {
    const log: string[] = [];
    const { engine, reports } = await startJobs(
      diamond(log, {
        b: ({ number }) => {
          if (number === 1) throw new RangeError("too far");
          return undefined;
        },
      }),
    );
    const fault = faultFrom(() => engine.step());
    expect(fault).toMatchObject({
      kind: "job-failed",
      fields: { job: "b", chunk: 1, tick: 1, message: "too far" },
    });
    expect((fault.fields as { place: string }).place).toMatch(/task-group\.test\.ts:\d+:\d+$/);
    expect(log).toEqual(["a0", "a1", "a2", "b0", "b1"]);
    expect(reports).toEqual([]);
    expect(engine.status.state).toBe("faulted");
    engine.dispose();
  });

  test("a begin that throws is told with its job", async () => {
    const { engine } = await startJobs([
      countingJob({
        name: "a",
        begin: () => {
          throw new Error("no items");
        },
      }),
    ]);
    expect(faultFrom(() => engine.step())).toMatchObject({
      kind: "job-failed",
      fields: { job: "a", chunk: 0, tick: 1, message: "no items" },
    });
  });

  test.each([11, -2, 1.5, Number.NaN])("a begin that asks for %d items", async (asked) => {
    const { engine } = await startJobs([countingJob({ name: "a", begin: () => asked })]);
    expect(faultFrom(() => engine.step())).toEqual({
      kind: "job-failed",
      fields: {
        job: "a",
        chunk: 0,
        tick: 1,
        message: `begin asked for ${asked} items, and itemsMax is 10`,
        place: "",
      },
    });
  });

  test.each([3, -1, 0.5, Number.NaN])("a run that says it wrote %d rows of 2", async (rows) => {
    const { engine } = await startJobs([
      countingJob({ name: "a", run: ({ number, count }) => (number === 2 ? rows : count) }),
    ]);
    expect(faultFrom(() => engine.step())).toEqual({
      kind: "job-failed",
      fields: {
        job: "a",
        chunk: 2,
        tick: 1,
        message: `it says that it wrote ${rows} rows, and 2 items have room for 2`,
        place: "",
      },
    });
  });
});
