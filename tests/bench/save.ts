/**
 * Save and restore in memory, of 1,000 piled bodies that are awake and 9,000 entities besides, against Rapier's own
 * serialise and restore of the same bodies alone; what going back by a tick costs rollback; and the bytes of a keyframe.
 *
 * The peer comes after ours and not in turns with it: its second world would make the memory that ours copies larger.
 */
import { World as RapierWorld } from "@dimforge/rapier3d-compat";
import { defineComponent } from "../../engine/ecs/component.ts";
import { f32 } from "../../engine/ecs/field.ts";
import type { Game } from "../../engine/game.ts";
import { type PhysicsSubsystem, physicsSubsystem } from "../../engine/physics/subsystem.ts";
import { encodeKeyframe } from "../../engine/replay/keyframe.ts";
import type { SubsystemDefinition } from "../../engine/sim/subsystem.ts";
import { Position, WorldTransform } from "../../engine/transform/components.ts";
import { type BenchSize, comparisonOf, median, millisOf, startEngine } from "./measure.ts";
import { pileGame } from "./pile.ts";
import { type BenchGroup, type BenchRow, bytesText, threeDigits, timeRow, timeText } from "./row.ts";

const saveRow = "save + restore, 1,000 bodies, 10,000 entities";
const rewindRow = "rewind by 8 ticks, saved each tick";
const keyframeRow = "keyframe, bytes of a save";
const goal = { fasterMin: 8, text: ">= 8x faster than Rapier's" };

export const save: BenchGroup = { rowNames: [saveRow, rewindRow, keyframeRow], run };

const Thing = defineComponent("Thing", { a: f32, b: f32, c: f32, d: f32 });

function crowd(bodyCount: number, thingCount: number) {
  const base = pileGame(bodyCount);
  return pileGame(bodyCount, {
    id: "bench-save",
    components: [Thing],
    setup(context) {
      base.setup(context);
      for (let i = 0; i < thingCount; i++)
        context.commands.spawn(Thing.of({ a: i, d: -i }), Position.of({ x: i }), WorldTransform);
    },
  });
}

async function run(size: BenchSize): Promise<readonly BenchRow[]> {
  const isWhole = size === "whole";
  const game = crowd(isWhole ? 1_000 : 8, isWhole ? 9_000 : 16);
  const settleTicks = isWhole ? 100 : 12;
  const rounds = isWhole ? 40 : 2;
  const rewind = await rewinding(game, settleTicks, rounds);

  // Without the ring of slots, through which a world that keeps its past goes: ten of them fit no cache.
  const engine = await startEngine(game);
  for (let tick = 0; tick < settleTicks; tick++) engine.step();
  let slot = engine.save();
  const oursMillis = Array.from({ length: rounds }, () => {
    engine.step();
    return millisOf(() => {
      slot = engine.save(slot);
      engine.restore(slot);
    });
  });

  let keyframe: Uint8Array = new Uint8Array(0);
  const encodeMillis = Array.from({ length: isWhole ? 10 : 1 }, () =>
    millisOf(() => {
      keyframe = encodeKeyframe(engine, slot);
    }),
  );

  const { rapier } = engine.of(physicsSubsystem({ gravity: [0, 0, 0] }) as SubsystemDefinition<PhysicsSubsystem>);
  const peerMillis = Array.from({ length: rounds }, () => {
    let restored: RapierWorld | null = null;
    engine.step();
    const millis = millisOf(() => {
      restored = RapierWorld.restoreSnapshot(rapier!.takeSnapshot());
    });
    restored!.free();
    return millis;
  });
  engine.dispose();
  return [
    timeRow(saveRow, comparisonOf(oursMillis, peerMillis), "Rapier's snapshot", goal),
    rewind,
    {
      name: keyframeRow,
      ours: `${bytesText(keyframe.length)} in ${timeText(median(encodeMillis))}`,
      peer: "not compressed",
      ratio: "",
      goal: "",
      met: undefined,
    },
  ];
}

/** A world that is saved at each tick puts an input in that came eight ticks late: it goes back and makes and saves them again. */
async function rewinding(game: Game, settleTicks: number, rounds: number): Promise<BenchRow> {
  const plain = await startEngine(game);
  for (let tick = 0; tick < settleTicks; tick++) plain.step();
  const tickMillis = Array.from({ length: rounds }, () => millisOf(() => plain.remake()));
  plain.dispose();
  const engine = await startEngine(game, [], { everyTicks: 1, slotCount: 9 });
  for (let tick = 0; tick < settleTicks; tick++) engine.step();
  const slot = engine.save();
  const saveMillis = Array.from({ length: rounds }, () => millisOf(() => engine.save(slot)));
  const depth = 8;
  const rewindMillis: number[] = [];
  for (let round = 0; round < rounds / 2; round++) {
    for (let tick = 0; tick < depth; tick++) engine.step();
    const now = engine.world.tickCount;
    rewindMillis.push(millisOf(() => engine.amend(now - depth + 1, (_, had) => had)));
  }
  engine.dispose();
  const perTick = (median(rewindMillis) - median(tickMillis) * depth) / depth;
  return {
    name: rewindRow,
    ours: `${timeText(median(saveMillis))} a save, ${timeText(perTick)} more a tick`,
    peer: `${timeText(median(tickMillis))} the tick alone`,
    ratio: `${threeDigits(median(rewindMillis) / (median(tickMillis) * depth))}x the ticks`,
    goal: "",
    met: undefined,
  };
}
