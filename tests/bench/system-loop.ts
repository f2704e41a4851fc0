/**
 * A system's loop over 100,000 entities against a loop written by hand: over the same list of entities
 * on the same columns. The two must take the same time, for a system gets plain typed arrays.
 *
 * A second row adds what the engine does around the system in each tick, the search for NaN in what it
 * wrote, and compares that with the loop alone.
 */
import { defineComponent } from "../../engine/ecs/component.ts";
import { f32 } from "../../engine/ecs/field.ts";
import { defineGame } from "../../engine/game.ts";
import { defineSystem } from "../../engine/sim/system.ts";
import { agree, type BenchSize, comparisonOf, millisOf, startEngine } from "./measure.ts";
import { type BenchGroup, type BenchRow, timeRow } from "./row.ts";

const loopRow = "system loop, 100,000 entities";
const watchedRow = "system loop with its NaN watch";

const Place = defineComponent("Place", { x: f32, y: f32, z: f32 });
const Drift = defineComponent("Drift", { x: f32, y: f32, z: f32 });

export const systemLoop: BenchGroup = { rowNames: [loopRow, watchedRow], run };

async function run(size: BenchSize): Promise<readonly BenchRow[]> {
  const entityCount = size === "whole" ? 100_000 : 100;
  const { warmUpCount, roundCount } =
    size === "whole" ? { warmUpCount: 100, roundCount: 400 } : { warmUpCount: 1, roundCount: 3 };
  let insideMillis = 0;
  const drift = defineSystem({
    name: "drift",
    phase: "gameplay",
    query: [Place, Drift],
    reads: [Drift],
    writes: [Place],
    run({ entities, columns: { Place, Drift }, deltaSeconds }) {
      const { x, y, z } = Place;
      const { x: dx, y: dy, z: dz } = Drift;
      for (let i = 0; i < entities.length; i++) {
        const e = entities[i]!;
        x[e] = x[e]! + dx[e]! * deltaSeconds;
        y[e] = y[e]! + dy[e]! * deltaSeconds;
        z[e] = z[e]! + dz[e]! * deltaSeconds;
      }
    },
  });
  // The clock is read around the system and not in it: code behind a long loop is compiled apart and costs its own.
  const timed: typeof drift = {
    ...drift,
    run(context) {
      insideMillis = millisOf(() => drift.run(context));
    },
  };
  const engine = await startEngine(
    defineGame({
      id: "bench-loop",
      tickRate: 60,
      limits: { entities: entityCount + 1, commandsPerTick: entityCount + 1, timingFrames: 1 },
      components: [Place, Drift],
      systems: [timed],
      setup({ commands, random }) {
        for (let i = 0; i < entityCount; i++)
          commands.spawn(
            Place.of({ x: random.between(-50, 50), y: random.between(-50, 50), z: random.between(-50, 50) }),
            Drift.of({ x: random.between(-1, 1), y: random.between(-1, 1), z: random.between(-1, 1) }),
          );
      },
    }),
  );
  const { world } = engine;
  const place = world.store.columnsOf(Place) as Columns;
  const speed = world.store.columnsOf(Drift) as Columns;
  const { entities } = world.query([Place, Drift]);
  const byHand = (): void => handWritten(entities, place, speed, 1 / 60);

  const before = [place.x.slice(), place.y.slice(), place.z.slice()] as const;
  engine.step();
  const after = [place.x.slice(), place.y.slice(), place.z.slice()] as const;
  for (const [i, axis] of [place.x, place.y, place.z].entries()) axis.set(before[i]!);
  byHand();
  for (const [i, axis] of [place.x, place.y, place.z].entries()) agree(loopRow, after[i]!, axis);

  const oursMillis: number[] = [];
  const watchedMillis: number[] = [];
  const peerMillis: number[] = [];
  for (let round = -warmUpCount; round < roundCount; round++) {
    engine.step();
    const peerTook = millisOf(byHand);
    if (round < 0) continue;
    oursMillis.push(insideMillis);
    watchedMillis.push(engine.timings[0]!.meanMicros / 1_000);
    peerMillis.push(peerTook);
  }
  engine.dispose();
  const goal = { ratioMax: 1.05, text: "<= 1.05x the hand-written loop" };
  return [
    timeRow(loopRow, comparisonOf(oursMillis, peerMillis), "loop by hand", goal),
    timeRow(watchedRow, comparisonOf(watchedMillis, peerMillis), "loop by hand"),
  ];
}

interface Columns extends Readonly<Record<string, Float32Array>> {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly z: Float32Array;
}

function handWritten(entities: Uint32Array, place: Columns, drift: Columns, deltaSeconds: number): void {
  const { x, y, z } = place;
  const { x: dx, y: dy, z: dz } = drift;
  for (let i = 0; i < entities.length; i++) {
    const e = entities[i]!;
    x[e] = x[e]! + dx[e]! * deltaSeconds;
    y[e] = y[e]! + dy[e]! * deltaSeconds;
    z[e] = z[e]! + dz[e]! * deltaSeconds;
  }
}
