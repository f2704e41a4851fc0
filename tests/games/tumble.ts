/**
 * Tumble: a small game for tests that uses every part of the engine. Crates rain onto a pile that a
 * kinematic block pushes through, a chain of turning arms swings a paddle, players drive and drop.
 * It is no fun to play; it is there to be run, recorded, broken and replayed.
 */
import {
  AuthoredId,
  bodyKind,
  boxCollider,
  defineGame,
  defineLook,
  defineView,
  type Game,
  Position,
  Renderable,
  RigidBody,
  Rotation,
  Scale,
  type SetupContext,
} from "../../engine/index.ts";
import { Arm, Craft, Crate, CrateGone, config, controls, Ledger, Pusher } from "./tumble-parts.ts";
import { tumbleSystems } from "./tumble-systems.ts";

const look = defineLook({
  meshes: {
    block: { shape: "box", width: 1, height: 1, depth: 1 },
    craft: { shape: "capsule", radius: 0.4, height: 1 },
  },
  materials: { plain: { color: 0xb0b0b0 } },
});

const view = defineView({
  title: "Tumble",
  look,
  lighting: {
    sunDirection: [-1, -2, -1],
    sunColor: 0xffffff,
    sunIntensity: 2,
    shadowExtent: 12,
    skyColor: 0x88aacc,
    groundColor: 0x333333,
    ambientIntensity: 1,
  },
  camera(_snapshot, _viewer, camera) {
    camera.eye = [0, 6, 14];
    camera.target = [0, 2, 0];
  },
  hud: [{ name: "tick", label: "Tick", format: "integer", place: "top-left", value: (snapshot) => snapshot.tick }],
});

/** A floor with walls, the pusher, a chain of four arms with a paddle at its tip, the ledger. */
function setup({ commands, random }: SetupContext): void {
  const wall = (x: number, y: number, halfX: number, halfY: number): void => {
    commands.spawn(RigidBody.of({ kind: bodyKind.fixed }), boxCollider(halfX, halfY, 3), Position.of({ x, y }));
  };
  wall(0, -0.5, 6, 0.5);
  wall(-6, 2, 0.25, 3);
  commands.spawn(
    Pusher.of({ reach: 3, periodTicks: 240 }),
    RigidBody.of({ kind: bodyKind.kinematic }),
    boxCollider(0.4, 0.6, 2.5),
    Position.of({ y: 0.6 }),
    Renderable.of({ mesh: look.mesh.block }),
  );
  let link = commands.spawn(
    Arm.of({ speed: 0.02 }),
    Position.of({ x: 4, y: 3 }),
    Rotation,
    Scale.of({ x: 1 }),
    AuthoredId.of({ id: 7 }),
    Renderable.of({ mesh: look.mesh.block }),
  );
  for (let depth = 1; depth <= 3; depth++)
    link = commands.spawnChild(
      link,
      Arm.of({ speed: random.between(-0.05, 0.05), depth }),
      Position.of({ y: -0.7 }),
      Rotation,
      Renderable.of({ mesh: look.mesh.block }),
    );
  commands.spawnChild(
    link,
    Position.of({ y: -0.5 }),
    Rotation,
    RigidBody.of({ kind: bodyKind.kinematic }),
    boxCollider(0.2, 0.4, 0.6),
  );
  commands.spawn(Ledger);
}

export const tumble: Game = defineGame({
  id: "tumble",
  tickRate: 60,
  limits: { entities: 512, commandsPerTick: 256, eventsPerTick: 512, players: 4, recordsPerTick: 128 },
  components: [Arm, AuthoredId, Craft, Crate, Ledger, Pusher, Scale],
  events: [CrateGone],
  systems: tumbleSystems,
  controls,
  config,
  physics: { gravity: [0, -9.81, 0] },
  view,
  setup,
});
