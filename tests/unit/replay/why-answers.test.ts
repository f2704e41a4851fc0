/**
 * What an answer to "why" may claim: nothing of who does not live or has no such component, nothing of an earlier owner of
 * the index, and the same wherever keyframes lie. Contacts are those of Rapier, whatever colliders report.
 */
import { describe, expect, test } from "vitest";
import { faultText } from "../../../engine/base/faults.ts";
import {
  defineComponent,
  defineGame,
  defineMigration,
  defineSystem,
  f32,
  f64,
  type Game,
  Position,
  RigidBody,
} from "../../../engine/index.ts";
import { bodyKind, boxCollider } from "../../../engine/physics/components.ts";
import type { Journal } from "../../../engine/replay/journal.ts";
import { explainValue } from "../../../engine/replay/why.ts";
import type { WhyNode } from "../../../engine/replay/why-chain.ts";
import { replayHost } from "../../../runtime/replay/replay-host.ts";
import { faultOfAsync } from "../small-world.ts";
import { swappedRun } from "./swapped-run.ts";

const Crate = defineComponent("Crate", { heat: f32, mark: f32 }, { shared: true });
const Coat = defineComponent("Coat", { color: f32 });
const floor = 2;
const crates = [3, 4, 5, 6];
/** The index that guests have, one after the other. */
const guest = 7;

/** A guest lives from tick 6 to 40 at x 5, another one from tick 60 on at 0; crate 3 wears a coat from tick 20 to 29. */
const host = defineSystem({
  name: "host",
  phase: "gameplay",
  run({ tick, commands, world }) {
    if (tick === 6) commands.spawn(Crate, Position.of({ x: 5 }));
    if (tick === 41) commands.despawn(world.handleOf(guest));
    if (tick === 60) commands.spawn(Crate, Position.of({ x: 0 }));
    if (tick === 20) commands.add(world.handleOf(3), Coat.of({ color: 0 }));
    if (tick === 30) commands.remove(world.handleOf(3), Coat);
  },
});

const game: Game = defineGame({
  id: "answers",
  tickRate: 60,
  limits: { entities: 32, players: 1, commandsPerTick: 16, eventsPerTick: 64, recordsPerTick: 4 },
  components: [Crate, Coat],
  systems: [host],
  physics: { gravity: [0, -9.81, 0] },
  setup({ commands }) {
    commands.spawn(Position.of({ y: -0.5 }), RigidBody.of({ kind: bodyKind.fixed }), boxCollider(8, 0.5, 8));
    // A tower that stands; the first and the last report their contacts.
    for (let i = 0; i < crates.length; i++)
      commands.spawn(
        Crate.of({ mark: 7 }),
        Position.of({ y: 0.5 + i * 1.02 }),
        RigidBody.of({ neverSleeps: true }),
        boxCollider(0.5, 0.5, 0.5, { reports: i % 3 === 0 }),
      );
  },
});

/** The program without Crate.heat, with a field more, and with marks twice as high in another type. */
const Cooled = defineComponent("Crate", { mark: f64, age: f32 }, { shared: true, defaults: { age: 3 } });
const cooled: Game = {
  ...game,
  components: [Cooled, Coat],
  systems: [],
  migrations: [
    defineMigration({
      from: { component: "Crate", fields: { mark: f32 } },
      to: Cooled,
      move: ({ mark }) => ({ mark: mark * 2 }),
    }),
  ],
};

/** A journal with keyframes every so many ticks, that swaps to `cooled` behind `swapTick`. */
function recorded(everyTicks: number, tickCount: number, swapTick = 0): Promise<Journal> {
  return swappedRun({ first: game, second: cooled, swapTick, tickCount, everyTicks });
}

const whole = await recorded(10_000, 120);
const cut = await recorded(25, 120);
const swapped = await recorded(10_000, 90, 50);

function why(journal: Journal, place: string, entity: number, tick: number, ticksBack = 4_000): Promise<WhyNode> {
  const [component, field] = place.split(".") as [string, string];
  const question = { component, field, inSlot: 0, entity, tick };
  const replays = replayHost(journal, game, { findCode: async () => cooled });
  return explainValue(journal, game, replays, question, { depth: 3, ticksBack });
}
const refusal = async (
  journal: Journal,
  place: string,
  entity: number,
  tick: number,
  back = 4_000,
): Promise<string> => {
  const fault = await faultOfAsync(() => why(journal, place, entity, tick, back));
  expect(fault.kind).toBe("usage");
  const { suggestion } = fault.fields as { readonly suggestion: string };
  return `${faultText(fault)} ${suggestion}`;
};
/** Who wrote it, when, and whether it came with its component. */
const told = async (...question: Parameters<typeof why>): Promise<unknown[]> => {
  const { step, tick, after, isComing, commands } = await why(...question);
  const by = typeof step === "string" ? step : step.name;
  return [by, tick, after, isComing, commands.map(({ text, by }) => `${text} by ${by === "outside" ? by : by.name}`)];
};

describe("who is not there", () => {
  test("is refused, with the time in which there was one", async () => {
    const never = "None had this index before, as far back as";
    for (const journal of [whole, cut]) {
      expect(await refusal(journal, "Position.x", 30, 100)).toBe(
        `No entity 30 lives behind tick 100. ${never} the set-up of the game.`,
      );
      expect(await refusal(journal, "Position.x", 30, 100, 60)).toBe(
        `No entity 30 lives behind tick 100. ${never} tick 40, or before.`,
      );
      expect(await refusal(journal, "Position.x", guest, 5)).toMatch(/^No entity 7 lives behind tick 5\. None/);
      expect(await refusal(journal, "Position.x", guest, 55)).toBe(
        "No entity 7 lives behind tick 55. One lived from tick 6 to tick 40.",
      );
      expect(await refusal(journal, "LinearVelocity.x", 3, 100)).toBe(
        "Entity 3 has no LinearVelocity behind tick 100. It has BodyState, Collider, Crate, Position, RigidBody, Rotation.",
      );
      expect(await refusal(journal, "Coat.color", 3, 100)).toBe(
        "Entity 3 has no Coat behind tick 100. One that had this index had it from tick 20 to tick 29. It has BodyState, Collider, Crate, Position, RigidBody, Rotation.",
      );
    }
  });

  test("fields that a swap took or brings are named with it", async () => {
    expect(await refusal(swapped, "Crate.heat", 3, 80)).toBe(
      "There is no Crate.heat behind tick 80: the swap behind tick 50 took the field. Give a tick up to 50.",
    );
    expect(await refusal(swapped, "Crate.age", 3, 50)).toBe(
      "There is no Crate.age behind tick 50: the swap behind tick 50 brings the field. Give a tick from 51 on.",
    );
    expect(await told(swapped, "Crate.heat", 3, 50)).toEqual(["setup", 0, 0, false, []]);
    expect(await told(swapped, "Crate.age", 3, 80)).toEqual(["swap", 50, 3, true, []]);
    expect(await told(swapped, "Crate.mark", 3, 80)).toEqual(["swap", 50, 14, false, []]);
    expect(await why(swapped, "Crate.mark", 3, 80)).toMatchObject({ before: 7, beforeBits: "0x40e00000" });
    expect(await told(swapped, "Crate.mark", 3, 50)).toEqual(["setup", 0, 7, false, []]);
    expect(await told(swapped, "Collider.halfX", 3, 80)).toEqual(["setup", 0, 0.5, false, []]);
  });
});

test("a zero that came with a spawn or with a component is told with its command, and not as set up", async () => {
  for (const journal of [whole, cut]) {
    expect(await told(journal, "Position.y", guest, 40)).toEqual(["structure", 6, 0, true, ["spawn by host"]]);
    expect(await told(journal, "Position.x", guest, 40)).toEqual(["structure", 6, 5, false, ["spawn by host"]]);
    // The last write of the slot is of another owner.
    expect(await told(journal, "Position.x", guest, 100)).toEqual(["structure", 60, 0, true, ["spawn by host"]]);
    expect(await told(journal, "Coat.color", 3, 25)).toEqual(["structure", 20, 0, true, ["add Coat by host"]]);
    expect(await told(journal, "Crate.heat", 3, 100)).toEqual(["setup", 0, 0, false, []]);
  }
});

describe("contacts", () => {
  const touched = async (journal: Journal, entity: number, ticksBack?: number): Promise<string[]> => {
    const { contacts } = await why(journal, "Position.y", entity, 110, ticksBack);
    return contacts.map(
      ({ entity: other, sinceTick, isOlder }) => `${other} ${sinceTick}${isOlder ? " or before" : ""}`,
    );
  };

  test("are the same with keyframes and without, and of bodies that report nothing", async () => {
    for (const entity of crates) {
      const neighbours = [entity === 3 ? floor : entity - 1, ...(entity === 6 ? [] : [entity + 1])];
      const of = await touched(whole, entity);
      expect(of.map((text) => Number(text.split(" ")[0]))).toEqual(neighbours);
      expect(of.every((text) => Number(text.split(" ")[1]) < 60)).toBe(true);
      expect(await touched(cut, entity)).toEqual(of);
    }
  });

  test("lead one step into bodies that may move, and not to the floor", async () => {
    for (const [entity, followed] of [
      [3, [4]],
      [4, [3, 5]],
    ] as const) {
      const { others } = await why(cut, "Position.y", entity, 20);
      expect(others.map((other) => [other.entity, other.relation, other.node.place])).toEqual(
        followed.map((other) => [other, "contact", `Position.y of entity ${other}`]),
      );
      // No further: what it touches in turn is only named.
      expect(others.map(({ node }) => node.others)).toEqual(followed.map(() => []));
    }
  });

  test("that are older than what is looked at are told so, from the same tick", async () => {
    const older = ["3 80 or before", "5 80 or before"];
    expect([await touched(whole, 4, 30), await touched(cut, 4, 30)]).toEqual([older, older]);
  });
});
