/** The world at tick 0: the yard, the round and the pool of sparks. Tugs and crates come with the first ticks. */
import { bodyKind, Position, RigidBody, Rotation, type SetupContext, WorldTransform } from "../engine/index.ts";
import { Round, roundState } from "./components/round.ts";
import { Spark, SparkPool } from "./components/spark.ts";
import { part } from "./parts.ts";
import { buildBackdrop } from "./yard/backdrop.ts";
import { buildConveyors } from "./yard/conveyors.ts";
import { buildDeck } from "./yard/deck.ts";
import { buildFurnace } from "./yard/furnace.ts";
import { buildDriftSection, buildSweepArm } from "./yard/machines.ts";

export const sparkCount = 112;

export function setup({ commands }: SetupContext): void {
  commands.spawn(Round.of({ state: roundState.title }));
  const yard = commands.spawn(Position, Rotation, WorldTransform, RigidBody.of({ kind: bodyKind.fixed }));
  buildDeck(commands, yard);
  buildFurnace(commands, yard);
  buildConveyors(commands, yard);
  buildSweepArm(commands, yard);
  buildDriftSection(commands);
  buildBackdrop(commands, yard);
  commands.spawn(SparkPool);
  for (let i = 0; i < sparkCount; i++)
    commands.spawn(...part("box", "hotSpark", [0, -50, 0], { size: [0, 0, 0] }), Rotation, Spark);
}
