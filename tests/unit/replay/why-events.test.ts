/**
 * What an answer to "why" tells of events: each row with the step that emitted it and the tick in which it did, those alone
 * that the writer could read, by themselves or in a combined stream, and what their emitters saw; the same wherever
 * keyframes and swaps lie.
 */
import { describe, expect, test } from "vitest";
import { handleGeneration, makeHandle } from "../../../engine/ecs/handle.ts";
import {
  array,
  combineEvents,
  defineComponent,
  defineEvent,
  defineGame,
  defineSystem,
  entity,
  type Game,
  i32,
} from "../../../engine/index.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import type { Journal } from "../../../engine/replay/journal.ts";
import { explainValue } from "../../../engine/replay/why.ts";
import type { WhyEvent, WhyInput, WhyNode } from "../../../engine/replay/why-chain.ts";
import { replayHost } from "../../../runtime/replay/replay-host.ts";
import { swappedRun } from "./swapped-run.ts";

const Mob = defineComponent("Mob", { hp: i32, heat: i32, echo: i32, cool: i32 }, { shared: true });
const Gun = defineComponent("Gun", { load: i32 }, { shared: true });
const Hit = defineEvent("Hit", { victim: entity, gunner: entity, amount: i32 }, { capacity: 16 });
const Burn = defineEvent("Burn", { all: array(entity, 2), heat: i32 }, { capacity: 16 });
const Sound = defineEvent("Sound", { of: entity, tone: i32 }, { capacity: 16, lasts: 2 });
const Light = defineEvent("Light", { of: entity, tone: i32 }, { capacity: 16, lasts: 2 });
const Impacts = combineEvents("Impacts", [Hit, Burn]);
const Signals = combineEvents("Signals", [Sound, Light]);
/** The gun is the first entity behind the player's seat, three mobs follow. */
const gun = 2;
const [first, second] = [3, 4];

/** Loads the gun in every tick, before anybody fires. */
const load = defineSystem({
  ...{ name: "load", phase: "input", query: [Gun], writes: [Gun] },
  run({ entities, columns, tick }) {
    for (const e of entities) columns.Gun.load[e] = tick % 10;
  },
});
/** Fires at the first mob in tick 10, 20, ... */
const fire = defineSystem({
  ...{ name: "fire", phase: "gameplay", query: [Gun], reads: [Gun], emits: [Hit, Sound, Light] },
  run({ entities, columns, events, tick, world }) {
    const [victim, of, gunner] = [world.handleOf(first), world.handleOf(second), world.handleOf(gun)];
    if (entities.some((e) => columns.Gun.load[e] === 0)) {
      events.Hit.emit({ victim, gunner, amount: 2 });
      events.Sound.emit({ of, tone: tick });
      events.Light.emit({ of, tone: tick });
    }
  },
});
/** Hits the first in tick 10, 20, ... and burns the first two. */
const burn = defineSystem({
  ...{ name: "burn", phase: "gameplay", after: ["fire"], emits: [Burn, Hit] },
  run({ events, tick, world }) {
    const [one, two] = [world.handleOf(first), world.handleOf(second)];
    if (tick % 10 !== 0) return;
    events.Hit.emit({ victim: one, amount: 1 });
    // Of another owner of the index, who is not there.
    events.Hit.emit({ victim: makeHandle(first, handleGeneration(one) + 1), amount: 50 });
    events.Burn.emit({ all: [two, one], heat: 7 });
  },
});
const hurt = defineSystem({
  ...{ name: "hurt", phase: "gameplay", after: ["burn"], query: [Mob], writes: [Mob], hears: [Impacts] },
  run({ columns, events, world }) {
    const { Impacts: all } = events;
    for (let i = 0; i < all.count; i++) {
      const row = all.rowOf(i);
      if (all.kindOf(i) === Hit) {
        const e = world.indexOf(all.of.Hit.columns.victim[row]! as never);
        if (e !== 0) columns.Mob.hp[e] = columns.Mob.hp[e]! - all.of.Hit.columns.amount[row]!;
      } else
        for (let k = 0; k < 2; k++) {
          const e = world.indexOf(all.of.Burn.columns.all[row * 2 + k]! as never);
          columns.Mob.heat[e] = columns.Mob.heat[e]! + all.of.Burn.columns.heat[row]!;
        }
    }
  },
});
/** Hits again where nobody hears it any more in that tick. */
const late = defineSystem({
  ...{ name: "late", phase: "gameplay", after: ["hurt"], emits: [Hit] },
  run({ events, tick, world }) {
    if (tick % 10 === 0) events.Hit.emit({ victim: world.handleOf(first), amount: 100 });
  },
});
const listen = defineSystem({
  ...{ name: "listen", phase: "gameplay", after: ["late"], query: [Mob], writes: [Mob], recalls: [Sound] },
  run({ columns, recalled, world }) {
    const { count, columns: rows } = recalled.Sound;
    for (let i = 0; i < count; i++) columns.Mob.echo[world.indexOf(rows.of[i]! as never)] = rows.tone[i]!;
  },
});
/** Recalls what two kinds said, as one stream. */
const watch = defineSystem({
  ...{ name: "watch", phase: "gameplay", after: ["listen"], query: [Mob], writes: [Mob], recalls: [Signals] },
  run({ columns, recalled, world }) {
    const { Signals: all } = recalled;
    for (let i = 0; i < all.count; i++)
      columns.Mob.cool[world.indexOf(all.of.Light.columns.of[all.rowOf(i)]! as never)]! += 1;
  },
});

const game: Game = defineGame({
  ...{ id: "volleys", tickRate: 60, limits: { entities: 32, players: 1, eventsPerTick: 16 } },
  ...{ components: [Mob, Gun], events: [Hit, Burn, Sound, Light] },
  systems: [load, fire, burn, hurt, late, listen, watch],
  setup({ commands }) {
    commands.spawn(Gun);
    for (let i = 0; i < 3; i++) commands.spawn(Mob.of({ hp: 1_000 }));
  },
});
/** The same with another system that is of no matter here, so that it is another program. */
const other: Game = {
  ...game,
  systems: [...game.systems, defineSystem({ name: "rest", phase: "transforms", run() {} })],
};

const journals: readonly Journal[] = [
  await swappedRun({ first: game, second: other, swapTick: 0, tickCount: 60, everyTicks: 1_000 }),
  // A border between the emission at tick 50 and the tick that recalls it: a keyframe, then a swap.
  await swappedRun({ first: game, second: other, swapTick: 0, tickCount: 60, everyTicks: 50 }),
  await swappedRun({ first: game, second: other, swapTick: 50, tickCount: 60, everyTicks: 1_000 }),
];

function why(journal: Journal, place: string, entity: number, tick: number, ticksBack = 4_000): Promise<WhyNode> {
  const [component, field] = place.split(".") as [string, string];
  const question = { component, field, inSlot: 0, entity, tick };
  const host = { ...replayHost(journal, game, { findCode: async () => other }), clock: new ManualClock() };
  return explainValue(journal, game, host, question, { depth: 3, ticksBack });
}
const writerName = (writer: WhyInput["writer"]): string => (writer === "outside" ? writer : writer.name);
const told = ({ kind, values, by, tick }: WhyEvent): unknown[] => [kind, values, by?.name, tick];

describe("rows", () => {
  test("are told with their emitters and entities; those that came later in the tick are not", async () => {
    for (const journal of journals) {
      const node = await why(journal, "Mob.hp", first, 55);
      expect([node.step, node.tick, node.before - node.after]).toMatchObject([{ name: "hurt" }, 50, 3]);
      expect(node.events.map(told)).toEqual([
        ["Hit", { amount: 2, gunner: gun, victim: first }, "fire", 50],
        ["Hit", { amount: 1, gunner: 0, victim: first }, "burn", 50],
        ["Burn", { all: [second, first], heat: 7 }, "burn", 50],
      ]);
      expect(node.events.map(({ entityFields }) => entityFields)).toEqual([
        ["gunner", "victim"],
        ["gunner", "victim"],
        ["all"],
      ]);
      expect(node.events.map(({ others }) => others)).toEqual([[gun], [], [second]]);
    }
  });

  test("of the tick before are told with that tick, on both sides of a keyframe and of a swap", async () => {
    for (const journal of journals)
      for (const tick of [31, 51]) {
        const node = await why(journal, "Mob.echo", second, tick);
        expect([node.step, node.tick, node.after]).toMatchObject([{ name: "listen" }, tick, tick - 1]);
        expect(node.events.map(told)).toEqual([["Sound", { of: second, tone: tick - 1 }, "fire", tick - 1]]);
        const streamed = await why(journal, "Mob.cool", second, tick);
        expect(streamed.events.map(told)).toEqual([
          ["Sound", { of: second, tone: tick - 1 }, "fire", tick - 1],
          ["Light", { of: second, tone: tick - 1 }, "fire", tick - 1],
        ]);
      }
  });

  test("of a tick that is not looked at have no emitter", async () => {
    const [, keyframed] = journals;
    const node = await why(keyframed!, "Mob.echo", second, 51, 1);
    expect(node.events.map(told)).toEqual([["Sound", { of: second, tone: 50 }, undefined, 50]]);
  });
});

describe("emitters", () => {
  test("are followed one step: to what they saw of the entities that the row names", async () => {
    for (const journal of journals) {
      const { events } = await why(journal, "Mob.hp", first, 50);
      const saw = events.map(({ inputs }) =>
        inputs.map(({ place, value, writtenTick, writer }) => [place, value, writtenTick, writerName(writer)]),
      );
      expect(saw).toEqual([[[`Gun.load of entity ${gun}`, 0, 50, "load"]], [], []]);
    }
  });

  test("are named and no more where the chain may not go on", async () => {
    const journal = journals[0]!;
    const question = { component: "Mob", field: "hp", inSlot: 0, entity: first, tick: 50 };
    const options = { depth: 0, ticksBack: 4_000 };
    const { events } = await explainValue(journal, game, replayHost(journal, game), question, options);
    expect(events.map(({ by, inputs }) => [by?.name, inputs])).toEqual([
      ["fire", []],
      ["burn", []],
      ["burn", []],
    ]);
  });
});
