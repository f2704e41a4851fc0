/** Why a value is what it is: the last writer, what it saw, and the records, commands, contacts and jobs behind it. */
import { describe, expect, test } from "vitest";
import type { Game } from "../../../engine/game.ts";
import { jobsSubsystem } from "../../../engine/jobs/subsystem.ts";
import { physicsOf } from "../../../engine/physics/subsystem.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { dumpComponent, dumpEntity, dumpLines } from "../../../engine/replay/dump.ts";
import { type Journal, readJournal } from "../../../engine/replay/journal.ts";
import { Replay } from "../../../engine/replay/replay.ts";
import { explainValue } from "../../../engine/replay/why.ts";
import type { WhyInput, WhyNode } from "../../../engine/replay/why-chain.ts";
import { record } from "../../data/journals.ts";
import { swarm } from "../../games/swarm.ts";
import { tumble } from "../../games/tumble.ts";
import { faultOf, faultOfAsync } from "../small-world.ts";
import { RecordedTicker } from "./rich-journal.ts";
import { Step, ticker } from "./ticker.ts";

const host = { clock: new ManualClock() };
const input = [
  '{"tick":1,"player":1,"join":"ada"}',
  '{"tick":60,"player":1,"control":"drive","value":0.5}',
  '{"tick":99,"player":1,"control":"drive","value":1}',
  '{"tick":99,"set":"wind","value":2}',
  '{"tick":99,"player":1,"control":"lift","value":1}',
].join("\n");
const journal = readJournal(await record({ game: tumble, tickCount: 160, input }), "x.orj");

/** The answer for "Component.field" or "Component.field[2]" of an entity. */
function why(
  field: string,
  entity: number,
  tick: number,
  game: Game = tumble,
  of: Journal = journal,
): Promise<WhyNode> {
  const [, component, name, slot] = /^(\w+)\.(\w+)(?:\[(\d+)\])?$/.exec(field)!;
  const question = { component: component!, field: name!, inSlot: Number(slot ?? 0), entity, tick };
  return explainValue(of, game, host, question, { depth: 4, ticksBack: 4_000 });
}
const nameOf = (step: WhyNode["step"]): string => (typeof step === "string" ? step : step.name);
const inputOf = (node: WhyNode, place: string): WhyInput =>
  node.inputs.find((input) => input.place.startsWith(place)) ?? expect.fail(`${place} is not among the inputs`);

/** The entity of the player. */
const craft = await (async () => {
  using replay = await Replay.at(journal, tumble, host, 100);
  return dumpComponent(replay.world, "Craft")[0]!.entity;
})();

describe("the chain", () => {
  test("of a force: the system, the control that it saw, the door, the record", async () => {
    const node = await why("Position.x", craft, 100);
    expect([nameOf(node.step), node.tick]).toEqual(["pull-bodies", 100]);
    const pushed = inputOf(node, "ExternalForce.x");
    expect(nameOf(pushed.writer)).toBe("push-bodies");
    const driven = inputOf(pushed.node!, "ExternalForce.x");
    expect([nameOf(driven.writer), driven.value, driven.writtenTick]).toEqual(["drive-craft", 40, 100]);
    const control = inputOf(driven.node!, "Controls.drive");
    expect([nameOf(control.writer), control.value, control.writtenTick]).toEqual(["door", 1, 99]);
    expect(control.node!.records.map(({ kind }) => kind)).toEqual(["axis", "button"]);
    expect(control.node).toMatchObject({ before: 0.5, after: 1, beforeBits: "0x3f000000", afterBits: "0x3f800000" });
  });

  test("of a setting: the record that set it", async () => {
    const node = await why("Config.wind", 1, 140);
    expect([nameOf(node.step), node.tick, node.before, node.after]).toEqual(["door", 99, 0, 2]);
    expect(node.records).toEqual([{ kind: "config", setting: expect.any(Number), value: 2 }]);
  });

  test("of what a spawn brought: the command and the system that staged it", async () => {
    using replay = await Replay.at(journal, tumble, host, 150);
    const crate = dumpComponent(replay.world, "Crate").at(-1)!.entity;
    const node = await why("Crate.lifeTicks", crate, 150);
    expect(nameOf(node.step)).toBe("structure");
    expect(node.commands.map(({ by, text }) => [nameOf(by), text])).toEqual([["rain-crates", "spawn"]]);
  });

  test("of a count of contacts: the event with the other body", async () => {
    using replay = await Replay.at(journal, tumble, host, 160);
    const touched = dumpComponent(replay.world, "Crate").find(({ components }) =>
      components[0]!.fields.some(({ field, values }) => field === "touches" && Number(values[0]) > 0),
    )!;
    const node = await why("Crate.touches", touched.entity, 160);
    expect(nameOf(node.step)).toBe("count-touches");
    expect(node.events.some(({ kind, values }) => kind === "Contact" && values["started"] === 1)).toBe(true);
    expect(node.events[0]!.others.length).toBe(1);
    const position = await why("Position.y", touched.entity, node.tick + 1);
    expect(position.contacts.map(({ entity }) => entity)).toContain(node.events[0]!.others[0]);
  });

  test("of what a system writes in every tick: since when, and what was before", async () => {
    const node = await why("Arm.angle", 7, 100);
    const [own] = node.inputs;
    expect(own).toMatchObject({ place: "Arm.angle of entity 7", writtenTick: 99, sinceTick: 1 });
    expect(own!.node).toMatchObject({ step: "setup", after: 0 });
  });

  test("of what nobody wrote: the set-up of the game", async () => {
    const node = await why("Arm.speed", 5, 100);
    expect(node).toMatchObject({ step: "setup", after: 0.02, inputs: [], place: "Arm.speed of entity 5" });
  });

  test("of an element of an array", async () => {
    const node = await why("Ledger.counts[2]", 10, 100);
    expect(node).toMatchObject({ step: { name: "keep-ledger" }, place: "Ledger.counts[2] of entity 10" });
  });
});

describe("one step into others", () => {
  test("to the parent, whose matrix the same step had written before", async () => {
    const { others } = await why("WorldTransform.matrix[12]", 7, 100);
    expect(others.map(({ entity, relation, node }) => [entity, relation, nameOf(node.step), node.tick])).toEqual([
      [6, "parent", "propagate-transforms", 100],
    ]);
    expect(others[0]!.node.place).toBe("WorldTransform.matrix[12] of entity 6");
    // A root has nobody above it.
    expect((await why("WorldTransform.matrix[0]", 5, 100)).others).toEqual([]);
  });

  test("to a body that is touched, as physics found it: what a system wrote there in the tick before", async () => {
    const pusher = 4;
    const pushed = await (async () => {
      using replay = await Replay.at(journal, tumble, host, 110);
      for (; replay.tick < 160; await replay.advance())
        for (const { entity } of dumpComponent(replay.world, "Crate"))
          if (
            physicsOf(replay.world.program)!
              .touchedBy(entity)
              .some((other) => other.entity === pusher)
          )
            return { entity, tick: replay.tick };
      return expect.fail("no crate is pushed");
    })();
    const node = await why("Position.x", pushed.entity, pushed.tick);
    expect([nameOf(node.step), node.tick]).toEqual(["pull-bodies", pushed.tick]);
    const [other] = node.others;
    expect([other!.entity, other!.relation]).toEqual([pusher, "contact"]);
    expect([nameOf(other!.node.step), other!.node.tick]).toEqual(["slide-pusher", pushed.tick - 1]);
    // Walls do not move: nobody asks what moved them.
    expect(node.others.every(({ entity }) => entity !== 2 && entity !== 3)).toBe(true);
  });
});

describe("from keyframes", () => {
  test("the chain goes back over several, as far as it may", async () => {
    const run = await RecordedTicker.start(50);
    run.runTo(400);
    const of = readJournal(run.end(), "x");
    const entity = await (async () => {
      using replay = await Replay.at(of, ticker, host, 400);
      const counts = replay.world.store.columnsOf(Step)["count"]!;
      // Of those that live longest: they are despawned behind 90 ticks.
      return [...replay.world.query([Step]).entities].sort((a, b) => counts[b]! - counts[a]!)[0]!;
    })();
    const node = await why("Step.count", entity, 400, ticker, of);
    const [own] = node.inputs;
    expect(nameOf(own!.node!.step)).toBe("structure");
    expect(own!.sinceTick).toBeLessThan(350);
    expect(own!.sinceTick).toBeGreaterThan(own!.node!.tick);
    // Not further than is asked for.
    const question = { component: "Step", field: "count", inSlot: 0, entity, tick: 400 };
    const near = await explainValue(of, ticker, host, question, { depth: 4, ticksBack: 40 });
    expect(near.inputs[0]).toMatchObject({ sinceTick: 351, node: { step: "beyond" } });
  });
});

describe("answers of tick jobs", () => {
  test("are traced to job, chunk, row and snapshot", async () => {
    const of = readJournal(await record({ game: swarm, tickCount: 40 }), "s.orj");
    const name = jobsSubsystem(swarm.jobs!).graph.jobs.find(({ answer }) => answer !== undefined)!;
    const field = Object.keys(name.answer!.fields).sort()[0]!;
    const answered = await (async () => {
      using replay = await Replay.at(of, swarm, host, 40);
      return dumpComponent(replay.world, name.answer!.name);
    })();
    let found = 0;
    for (const { entity } of answered.slice(-3)) {
      const node = await why(`${name.answer!.name}.${field}`, entity, 40, swarm, of);
      if (nameOf(node.step) !== "door") continue;
      found++;
      const { answer } = node;
      expect(answer).toMatchObject({ job: name.name, snapshotTick: node.tick - name.latency, latency: name.latency });
      expect(answer!.chunk).toBe(Math.floor(answer!.row / name.chunkItems));
      expect(node.records.map(({ kind }) => kind)).toEqual(["answer"]);
    }
    expect(found).toBeGreaterThan(0);
  });
});

describe("what is not there", () => {
  test("is refused with what there is", async () => {
    const told = async (field: string, entity: number): Promise<unknown> => {
      const { kind, fields } = await faultOfAsync(() => why(field, entity, 50));
      return [kind, ...Object.values(fields)];
    };
    expect(await told("Cratte.x", 3)).toEqual(["usage", 'There is no component "Cratte".', 'Did you mean "Crate"?']);
    expect(await told("Arm.x", 3)).toEqual(["usage", 'Arm has no field "x".', "Use one of: angle, depth, speed."]);
    expect(await told("Player.x", 3)).toMatchObject(["usage", 'Player has no field "x".', expect.any(String)]);
    expect(await told("Arm.angle", 600)).toEqual([
      ...["usage", "No entity has the index 600.", "Give an index from 1 to 512."],
    ]);
    expect(await told("Arm.angle[1]", 6)).toEqual(["usage", "Arm.angle has no element 1.", "Give one from 0 to 0."]);
  });
});

describe("dumps", () => {
  test("have values and bits of every field, and say who is not there", async () => {
    using replay = await Replay.at(journal, tumble, host, 10);
    const dump = dumpEntity(replay.world, 5);
    expect(dump).toMatchObject({ entity: 5, isAlive: true, parent: 0 });
    const arm = dump.components.find(({ component }) => component === "Arm")!;
    expect(arm.fields.find(({ field }) => field === "speed")).toEqual({
      ...{ field: "speed", values: [0.02], bits: ["0x3f947ae147ae147b"] },
    });
    expect(dumpLines(dump)).toContain("  Arm.speed = 0.02 0x3f947ae147ae147b");
    expect(dumpLines(dumpEntity(replay.world, 400))).toEqual(["entity 400: there is none"]);
    expect(dumpComponent(replay.world, "Arm").map(({ entity }) => entity)).toEqual([5, 6, 7, 8]);
    expect(faultOf(() => dumpComponent(replay.world, "Leg"))).toMatchObject({ kind: "usage" });
    expect(faultOf(() => dumpEntity(replay.world, 0))).toMatchObject({ kind: "unknown-name" });
    const { entities } = replay.world.limits;
    expect(dumpEntity(replay.world, entities)).toMatchObject({ entity: entities, isAlive: false });
    expect(faultOf(() => dumpEntity(replay.world, entities + 1))).toMatchObject({
      fields: { known: `indices from 1 to ${entities}` },
    });
  });
});
