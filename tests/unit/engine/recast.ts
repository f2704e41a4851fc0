/**
 * Programs that Tumble may be swapped with, and back: the same systems with other numbers in them, and one of another
 * schema. Given nothing, hands on the list; each has the migrations that it needs to take over from any other.
 */
import {
  axis,
  type Component,
  defineComponent,
  defineConfig,
  defineControls,
  defineMigration,
  defineSystem,
  f32,
  f64,
  type Game,
  held,
  numberSetting,
  pressed,
  type QueryTerm,
  u8,
  u16,
  wholeSetting,
} from "../../../engine/index.ts";
import type { AnySystem } from "../../../engine/sim/system.ts";
import { tumble } from "../../games/tumble.ts";
import { Arm, config, controls, Pusher } from "../../games/tumble-parts.ts";
import { alsoRunning } from "../../games/variants.ts";

/** A new field with a default, and a field of another type; both components shared names with Tumble's. */
const WornArm = defineComponent("Arm", { angle: f64, speed: f64, depth: u16, wear: f32 }, { defaults: { wear: 0.25 } });
/** Controls and settings whose first names come before all of Tumble's, so that all numbers are others. */
const wornControls = defineControls({
  brake: held("Brake", "KeyB"),
  drive: axis("Drive", { negative: ["KeyA"], positive: ["KeyD"] }),
  drop: pressed("Drop a crate", "Space"),
  lift: held("Lift", "KeyW"),
});
const wornConfig = defineConfig({
  damp: numberSetting("share of humidity", 0.5, 0, 1),
  spawnEvery: wholeSetting("ticks between crates", 6, 1, 600),
  wind: numberSetting("newtons along x", 0, -50, 50),
});

const rustArms = defineSystem({
  name: "rust-arms",
  after: ["swing-arms"],
  phase: "gameplay",
  query: [WornArm],
  writes: [WornArm],
  run({ entities, columns: { Arm }, random }) {
    for (let i = 0; i < entities.length; i++) {
      const e = entities[i]!;
      Arm.wear[e] = Math.fround(Arm.wear[e]! + random.unit() / 64);
      Arm.speed[e] = Arm.speed[e]! * 0.999;
    }
  },
});

/** The game with some components taken for others of the same names, and some taken out. */
function recast(game: Game, others: ReadonlyMap<Component, Component>, gone: readonly Component[]): Game {
  const of = (component: Component): Component => others.get(component) ?? component;
  const listOf = (list: readonly Component[] | undefined): Component[] => (list ?? []).map(of);
  const termsOf = (terms: readonly QueryTerm[]): QueryTerm[] => terms.map((term) => ("name" in term ? of(term) : term));
  const isLost = ({ query = [] }: AnySystem): boolean => query.some((term) => gone.includes(term as Component));
  const lost = game.systems.filter(isLost).map(({ name }) => name);
  return {
    ...game,
    components: listOf(game.components).filter((component) => !gone.includes(component)),
    systems: game.systems
      .filter((system) => !isLost(system))
      .map((system) => ({
        ...system,
        ...{ reads: listOf(system.reads), writes: listOf(system.writes) },
        after: (system.after ?? []).filter((name) => !lost.includes(name)),
        ...(system.query === undefined ? {} : { query: termsOf(system.query) }),
        queries: Object.fromEntries(
          Object.entries(system.queries ?? {}).map(([name, terms]) => [name, termsOf(terms as readonly QueryTerm[])]),
        ),
      })) as Game["systems"],
  };
}

/** Back from the worn arms: their depth fits, for it never changes. */
const restored = defineMigration({
  from: { component: "Arm", fields: { depth: u16 } },
  to: Arm,
  move: ({ depth }) => ({ depth: Math.min(depth - 100, 255) }),
});
const taking = (game: Game): Game => ({ ...game, migrations: [restored] });

const worn: Game = {
  ...recast(
    tumble,
    new Map<Component, Component>([
      [Arm, WornArm],
      [controls as unknown as Component, wornControls as unknown as Component],
      [config as unknown as Component, wornConfig as unknown as Component],
    ]),
    [Pusher],
  ),
  controls: wornControls,
  config: wornConfig,
  migrations: [
    defineMigration({
      from: { component: "Arm", fields: { depth: u8 } },
      to: WornArm,
      move: ({ depth }) => ({ depth: depth + 100 }),
    }),
  ],
  drops: ["Pusher"],
};

/** The first is what a world begins with; the last has another schema, other systems and other numbers of records. */
export const recastPrograms: readonly Game[] = [
  taking(tumble),
  taking(
    alsoRunning("swing-arms", ({ columns, entities }) => {
      columns.Arm.angle[entities[0]!] = columns.Arm.angle[entities[0]!]! + 0.01;
    }),
  ),
  taking(
    alsoRunning("swing-arms", ({ columns, entities }) => {
      columns.Arm.angle[entities[0]!] = columns.Arm.angle[entities[0]!]! * 0.5;
    }),
  ),
  { ...worn, systems: [...worn.systems, rustArms] },
];
