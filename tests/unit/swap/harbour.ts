/**
 * A small game in variants, for tests of swaps: boats that move, fish that are caught, a spawner. Each variant is what an
 * author could have saved next; all definitions are made anew in each, as a bundle's are.
 */
import { type Component, defineComponent, type Initial } from "../../../engine/ecs/component.ts";
import { entity, type Field, f32, i32, u16, u32 } from "../../../engine/ecs/field.ts";
import type { Migration } from "../../../engine/ecs/migration.ts";
import { Engine, type EngineOptions } from "../../../engine/engine.ts";
import { defineEvent } from "../../../engine/events/event.ts";
import { defineGame, type Game } from "../../../engine/game.ts";
import { defineConfig, numberSetting, type Setting, wholeSetting } from "../../../engine/input/config.ts";
import { axis, defineControls, held } from "../../../engine/input/controls.ts";
import { type AnyJob, defineTickJob } from "../../../engine/jobs/definition.ts";
import { boxCollider, LinearVelocity, RigidBody } from "../../../engine/physics/components.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { defineLook, type Look, Renderable } from "../../../engine/render/look.ts";
import type { ViewDefinition } from "../../../engine/render/view.ts";
import type { AnySystem } from "../../../engine/sim/system.ts";
import { Position, WorldTransform } from "../../../engine/transform/components.ts";

export interface HarbourOptions {
  /** Metres that a boat moves in a tick. */
  readonly speed?: number;
  /** The type of Boat.fuel. */
  readonly fuel?: Field;
  /** Boat.heat and a default for it. */
  readonly heat?: number;
  readonly hasCargo?: boolean;
  /** The name of the component Hull. */
  readonly hull?: string;
  readonly migrations?: (parts: {
    readonly Boat: ReturnType<typeof boatOf>;
    readonly Hull: ReturnType<typeof hullOf>;
  }) => Migration[];
  readonly drops?: readonly string[];
  readonly isReordered?: boolean;
  readonly extraSystem?: boolean;
  readonly throwsAt?: number;
  readonly hasPhysics?: boolean;
  readonly extraControl?: boolean;
  readonly entities?: number;
  readonly players?: number;
  readonly events?: number;
  /** The setting `wind`. */
  readonly wind?: Setting;
  /** Whether boats are steered by a button. */
  readonly hasSteerButton?: boolean;
  readonly id?: string;
  readonly hasLights?: boolean;
  /** What a boat requires. */
  readonly requires?: "Lamp";
  /** A tick job that sounds the depth under boats: its latency, and what it answers in. */
  readonly sounding?: { readonly latency: number; readonly answer: "Depth" | "Echo" };
  /** Names of meshes; boats show "hull". */
  readonly meshes?: readonly string[];
}

const boatOf = (fuel: Field, heat: number | undefined, requires: readonly Component[] = []) =>
  defineComponent(
    "Boat",
    { fuel: fuel as Field<"u16">, caught: u32, speed: f32, ...(heat === undefined ? {} : { heat: f32 }) },
    { defaults: { fuel: 100, ...(heat === undefined ? {} : { heat }) }, requires },
  );
const hullOf = (name: string) =>
  defineComponent(name as "Hull", { strength: i32, mate: entity }, { defaults: { strength: -7 } });

/** One variant; without options what the world begins with. */
export function harbour(options: HarbourOptions = {}): Game {
  const { speed = 0.25, fuel = u16, heat, hasCargo = true, hull = "Hull", isReordered, throwsAt, hasPhysics } = options;
  const Hull = hullOf(hull);
  const Cargo = defineComponent("Cargo", { crates: u16 });
  const Lamp = defineComponent("Lamp", { glow: f32 }, { defaults: { glow: 0.5 } });
  const Boat = boatOf(fuel, heat, options.requires === undefined ? [] : [Lamp]);
  const Depth = defineComponent(
    options.sounding?.answer ?? "Depth",
    { metres: f32 },
    { writtenIn: [], writer: "door" },
  );
  const Caught = defineEvent("Caught", { boat: entity, weight: u32 }, { lasts: 2 });
  const controls = defineControls({
    ...(options.extraControl === true ? { anchor: held("Anchor", "KeyA") } : {}),
    steer:
      options.hasSteerButton === true
        ? held("Steer", "KeyE")
        : axis("Steer", { negative: ["KeyQ"], positive: ["KeyE"] }),
    horn: held("Horn", "KeyH"),
  });
  const config = defineConfig({
    ...(options.extraControl === true ? { calm: wholeSetting("calm days", 3, 0, 9) } : {}),
    wind: options.wind ?? numberSetting("wind in metres a second", 2, 0, 40),
  });
  const move: AnySystem = {
    name: "move-boats",
    phase: "gameplay",
    query: [Boat, Position],
    reads: [config as unknown as Component],
    writes: [Boat, Position],
    emits: [Caught],
    run({ entities, columns, random, events, tick, world }) {
      if (throwsAt === tick) throw new Error("the net is torn");
      const { Boat: boat, Position: position } = columns;
      for (const e of entities) {
        position.x[e] += speed;
        boat.fuel[e] = Math.max(0, boat.fuel[e] - (tick % 4 === 0 ? 1 : 0));
        if (random.below(8) !== 0) continue;
        boat.caught[e]++;
        events.Caught.emit({ boat: world.handleOf(e), weight: random.below(50) });
      }
    },
  };
  const launch: AnySystem = {
    name: "launch-boats",
    phase: "gameplay",
    query: [Boat],
    run({ entities, tick, random, commands, world }) {
      if (tick % 7 === 3) commands.spawn(...boat(random.between(-5, 5)));
      if (tick % 11 === 5 && entities.length > 4)
        commands.despawn(world.handleOf(entities[random.below(entities.length)]));
    },
  };
  const idle: AnySystem = {
    name: "add-drift",
    phase: "gameplay",
    query: [Position],
    before: ["move-boats"],
    writes: [Position],
    run({ entities, columns, random }) {
      for (const e of entities) columns.Position.z[e] += random.unit() * 0.01;
    },
  };
  const boat = (x: number) =>
    [
      Boat.of({ caught: 1 }),
      Hull.of({ strength: 20 }),
      Position.of({ x, y: 4 }),
      WorldTransform,
      ...(hasCargo ? [Cargo.of({ crates: 3 })] : []),
      ...(hasPhysics === true ? [RigidBody, boxCollider(0.5, 0.5, 0.5), LinearVelocity] : []),
      ...(look === undefined ? [] : [Renderable.of({ mesh: look.mesh["hull"] ?? 0 })]),
    ] as (Component | Initial)[];
  const { meshes } = options;
  const shape = { shape: "box", width: 1, height: 1, depth: 1 } as const;
  const look: Look<Record<string, typeof shape>> | undefined =
    meshes === undefined
      ? undefined
      : defineLook({
          meshes: Object.fromEntries(meshes.map((name) => [name, shape])),
          materials: { paint: { color: 1 } },
        });
  const components = [Boat, Hull, ...(hasCargo ? [Cargo] : []), ...(options.hasLights === true ? [Lamp] : [])];
  if (options.sounding !== undefined) components.push(Depth as never);
  const systems = [move, launch, ...(options.extraSystem === true ? [idle] : [])];
  return defineGame({
    id: options.id ?? "harbour",
    tickRate: 60,
    limits: { entities: options.entities ?? 128, players: options.players ?? 4, eventsPerTick: options.events ?? 64 },
    ...(hasPhysics === true ? { physics: { gravity: [0, -9.81, 0] } } : {}),
    components: isReordered === true ? components.toReversed() : components,
    events: [Caught],
    systems: isReordered === true ? systems.toReversed() : systems,
    ...(look === undefined ? {} : { view: viewOf(look) }),
    ...(options.sounding === undefined ? {} : { jobs: [soundingOf(Depth, options.sounding.latency)] }),
    controls,
    config,
    ...(options.migrations === undefined ? {} : { migrations: options.migrations({ Boat, Hull }) }),
    ...(options.drops === undefined ? {} : { drops: options.drops }),
    setup({ commands, random }) {
      if (hasPhysics === true)
        commands.spawn(RigidBody.of({ kind: 1 }), boxCollider(50, 0.5, 50), Position.of({ y: -0.5 }));
      for (let i = 0; i < 6; i++) commands.spawn(...boat(random.between(-3, 3)));
    },
  });
}

function soundingOf(answer: Component, latency: number): AnyJob {
  return defineTickJob({
    ...{ name: "sound-depth", reads: [], answer, every: 1, latency, chunkItems: 4 },
    itemsMax: () => 4,
    begin: () => 4,
    run: () => 0,
  }) as never;
}

function viewOf(look: Look): ViewDefinition {
  const light = { sunColor: 1, sunIntensity: 1, shadowExtent: 1, skyColor: 1, groundColor: 1, ambientIntensity: 1 };
  return { title: "Harbour", look, lighting: { ...light, sunDirection: [0, -1, 0] }, camera() {}, hud: [] };
}

export function engineOf(game: Game, options: Partial<EngineOptions> = {}): Engine {
  return new Engine(game, { clock: new ManualClock() }, { seed: 7, ...options });
}
