/** The job graph: every mistake is a build fault with its text, and registration order never matters. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { faultText } from "../../../engine/base/faults.ts";
import { defineComponent } from "../../../engine/ecs/component.ts";
import { f32 } from "../../../engine/ecs/field.ts";
import { Engine } from "../../../engine/engine.ts";
import { defineEvent } from "../../../engine/events/event.ts";
import { defineGame, type Game } from "../../../engine/game.ts";
import { type AnyJob, defineJob, defineTickJob } from "../../../engine/jobs/definition.ts";
import { compileJobs, flightCount } from "../../../engine/jobs/graph.ts";
import { defineOutput, type Output } from "../../../engine/jobs/output.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { testSeed } from "../seeds.ts";
import { faultOf } from "../small-world.ts";

const Seen = defineComponent("Seen", { x: f32 }, { shared: true });
const Hidden = defineComponent("Hidden", { x: f32 });
const Answer = defineComponent("Answer", { x: f32 }, { writtenIn: [], writer: "door" });
const Ping = defineEvent("Ping", { x: f32 });

function outputOf(name: string): Output {
  return defineOutput(name, { x: f32 });
}

interface Part {
  readonly name: string;
  readonly inputs?: readonly Output[];
  readonly output?: Output;
}

function job({ name, inputs = [], output = outputOf(`Out-${name}`.replace("-", "")) }: Part): AnyJob {
  return defineJob({ name, inputs, output, chunkItems: 4, itemsMax: () => 8, begin: () => 8, run: () => 0 });
}

function tickJob(name: string, every: number, latency: number): AnyJob {
  return defineTickJob({
    name,
    every,
    latency,
    answer: Answer,
    chunkItems: 4,
    itemsMax: () => 8,
    begin: () => 0,
    run: () => 0,
  });
}

function gameWith(jobs: readonly AnyJob[], change: Partial<Game> = {}): Game {
  return defineGame({
    id: "graph",
    tickRate: 60,
    components: [Seen, Hidden, Answer],
    events: [Ping],
    systems: [],
    jobs,
    setup() {},
    ...change,
  });
}

/** The text of the fault that building an engine with the jobs raises. */
function textOf(jobs: readonly AnyJob[], change: Partial<Game> = {}): string {
  return faultText(faultOf(() => new Engine(gameWith(jobs, change), { clock: new ManualClock() }, { seed: 1 })));
}

const [A, B, C] = [outputOf("A"), outputOf("B"), outputOf("C")];
const plain = { chunkItems: 4, itemsMax: () => 8, begin: () => 0, run: () => 0, output: A } as const;

describe("build faults", () => {
  test("jobs that wait for one another in a circle", () => {
    const circle = [
      job({ name: "first", inputs: [C], output: A }),
      job({ name: "second", inputs: [A], output: B }),
      job({ name: "third", inputs: [B], output: C }),
      job({ name: "aside", inputs: [C] }),
    ];
    expect(textOf(circle)).toBe("The jobs wait for one another in a circle: first -> second -> third -> first.");
    expect(textOf([job({ name: "own", inputs: [A], output: A })])).toBe(
      "The jobs wait for one another in a circle: own -> own.",
    );
  });

  test("two jobs with one output, and two jobs with one name", () => {
    expect(textOf([job({ name: "b", output: A }), job({ name: "a", output: A })])).toBe(
      'Jobs "a" and "b" both write the output A.',
    );
    expect(textOf([job({ name: "a", output: A }), job({ name: "a", output: B })])).toBe('Two jobs are named "a".');
  });

  test("an output that nobody writes, or a tick job does, or that only has the name", () => {
    expect(textOf([job({ name: "a", inputs: [B], output: A })])).toBe(
      'Job "a" names the output "B", which does not exist.',
    );
    expect(textOf([job({ name: "a", inputs: [outputOf("B")], output: A }), job({ name: "b", output: B })])).toBe(
      'Job "a" names the output "B", which does not exist.',
    );
    const sense = tickJob("sense", 1, 1);
    expect(textOf([sense, job({ name: "a", inputs: [sense.output] })])).toBe(
      'Job "a" names the output "sense", which does not exist.',
    );
  });

  test("a component that the game has not, or that is in no snapshot", () => {
    const Foreign = defineComponent("Foreign", { x: f32 }, { shared: true });
    expect(textOf([defineJob({ ...plain, name: "a", reads: [Seen, Foreign] })])).toBe(
      'Job "a" names the component "Foreign", which does not exist.',
    );
    expect(textOf([defineJob({ ...plain, name: "a", reads: [Seen, Hidden] })])).toBe(
      'Job "a" reads Hidden, which is in no snapshot.',
    );
    expect(textOf([tickJob("sense", 1, 1)], { components: [Seen] })).toBe(
      'Job "sense" names the component "Answer", which does not exist.',
    );
  });

  test("an event that the game has not", () => {
    const Pong = defineEvent("Pong", { x: f32 });
    expect(textOf([defineJob({ ...plain, name: "a", hears: [Ping, Pong] })])).toBe(
      'Job "a" names the event "Pong", which does not exist.',
    );
  });

  test("an answer that systems may write, or with a field named entity", () => {
    const answering = (answer: typeof Seen): string =>
      faultText(
        faultOf(() =>
          defineTickJob({
            name: "sense",
            every: 1,
            latency: 1,
            answer,
            chunkItems: 1,
            itemsMax: () => 1,
            begin: () => 0,
            run: () => 0,
          }),
        ),
      );
    expect(answering(Hidden as never)).toBe(
      'The job "sense" is not valid: its answer Hidden may be written by systems.',
    );
    const Named = defineComponent("Named", { entity: f32 }, { writtenIn: [], writer: "door" });
    expect(answering(Named as never)).toBe(
      'The job "sense" is not valid: its answer Named has a field named "entity".',
    );
  });

  test("figures that make no sense", () => {
    const figures: readonly (readonly [string, Partial<AnyJob>])[] = [
      ["its chunkItems is 0", { chunkItems: 0 }],
      ["its rowsPerItem is 1.5", { rowsPerItem: 1.5 }],
      ["its timeoutMillis is -1", { timeoutMillis: -1 }],
    ];
    for (const [problem, change] of figures)
      expect(faultText(faultOf(() => defineJob({ ...plain, ...change, name: "a" } as never)))).toBe(
        `The job "a" is not valid: ${problem}.`,
      );
    expect(faultText(faultOf(() => tickJob("sense", 0, 1)))).toBe('The job "sense" is not valid: its every is 0.');
    expect(faultText(faultOf(() => tickJob("sense", 1, 0)))).toBe('The job "sense" is not valid: its latency is 0.');
  });

  test("more snapshots in flight than there are slots", () => {
    const jobs = [tickJob("far", 1, 4), tickJob("near", 2, 1)];
    expect(textOf(jobs, { limits: { snapshotSlots: 8 } })).toBe(
      'The limit "snapshotSlots" is not valid: it is 8, and tick jobs may hold 5 snapshots at once.',
    );
    new Engine(gameWith(jobs, { limits: { snapshotSlots: 9 } }), { clock: new ManualClock() }, { seed: 1 });
  });
});

test("as many runs are on their way as a count of ticks shows", () => {
  for (let every = 1; every <= 6; every++)
    for (let latency = 1; latency <= 13; latency++) {
      let most = 0;
      const launched: number[] = [];
      for (let tick = 1; tick <= 100; tick++) {
        while (launched[0] !== undefined && launched[0] + latency <= tick) launched.shift();
        if (tick % every === 0) launched.push(tick);
        most = Math.max(most, launched.length);
      }
      expect(flightCount({ every, latency }), `every ${every}, latency ${latency}`).toBe(most);
    }
});

test("the order follows from names and inputs, whatever the registration order", () => {
  const outputs = Array.from({ length: 9 }, (_, n) => outputOf(`O${n}`));
  // Job n may read outputs of jobs with a lower number only, so that there is an order.
  const graphs = fc
    .array(fc.array(fc.nat(8), { maxLength: 4 }), { minLength: 1, maxLength: 9 })
    .chain((reads) => fc.tuple(fc.constant(reads), fc.shuffledSubarray([...reads.keys()], { minLength: reads.length })))
    .chain(([reads, names]) =>
      fc.tuple(
        fc.constant(
          reads.map((inputs, n) =>
            job({
              name: `job${names[n]}`,
              inputs: [...new Set(inputs.filter((input) => input < n))].map((input) => outputs[input]!),
              output: outputs[n]!,
            }),
          ),
        ),
        fc.shuffledSubarray([...reads.keys()], { minLength: reads.length }),
      ),
    );
  fc.assert(
    fc.property(graphs, ([jobs, registration]) => {
      const { jobs: ordered, predecessors, planned } = compileJobs(jobs);
      const registered = compileJobs(registration.map((n) => jobs[n]!));
      expect(registered.jobs).toEqual(ordered);
      expect(registered.predecessors).toEqual(predecessors);
      expect(planned.map(({ name }) => name)).toEqual(ordered.map(({ name }) => name));
      ordered.forEach((current, at) => {
        expect(predecessors[at]!.map((before) => ordered[before]!.output)).toEqual(current.inputs);
        for (const before of predecessors[at]!) expect(before).toBeLessThan(at);
        // Of those that could have run here, the one that does has the lowest name.
        const free = ordered
          .slice(at)
          .filter((other) => predecessors[ordered.indexOf(other)]!.every((before) => before < at))
          .map(({ name }) => name)
          .sort();
        expect(current.name).toBe(free[0]);
      });
    }),
    { seed: testSeed("job graphs"), numRuns: 300 },
  );
});

test("tick jobs are part of the identity of a world, frame jobs are not", () => {
  const settings = (jobs: readonly AnyJob[]): string => compileJobs(jobs).settings;
  expect(settings([job({ name: "a" })])).toBe("");
  expect(settings([tickJob("sense", 2, 3), job({ name: "a" }), tickJob("far", 1, 2)])).toBe(
    "far Answer 1 2 4; sense Answer 2 3 4",
  );
});
