/** The world at tick 0: the yard and the round. Tugs and crates come with the first ticks. */
import { bodyKind, Position, RigidBody, Rotation, type SetupContext, WorldTransform } from "../engine/index.ts";
import { Round, roundState } from "./components/round.ts";
import { buildBackdrop } from "./yard/backdrop.ts";
import { buildConveyors } from "./yard/conveyors.ts";
import { buildDebris } from "./yard/debris.ts";
import { buildDeck } from "./yard/deck.ts";
import { buildFurnace } from "./yard/furnace.ts";
import { buildDriftSection, buildSweepArm } from "./yard/machines.ts";
import { buildFarSections } from "./yard/sections.ts";

export function setup({ commands, random }: SetupContext): void {
  commands.spawn(Round.of({ state: roundState.title }));
  const yard = commands.spawn(Position, Rotation, WorldTransform, RigidBody.of({ kind: bodyKind.fixed }));
  buildDeck(commands, yard);
  buildFurnace(commands, yard);
  buildConveyors(commands, yard);
  buildSweepArm(commands, yard);
  buildDriftSection(commands);
  buildBackdrop(commands, yard);
  buildFarSections(commands);
  buildDebris(commands, random);
}
