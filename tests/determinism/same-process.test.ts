/**
 * One journal, run again in this process in every way that must not matter: later, beside another
 * world, with definitions in another order, with the TypeScript twin of the hash. Whole journals are
 * compared: every tick hash, every span hash, every record.
 */
import { beforeAll, describe, expect, test } from "vitest";
import type { Game } from "../../engine/game.ts";
import { readJournal } from "../../engine/replay/journal.ts";
import { StateHash } from "../../engine/sim/state-hash.ts";
import type { SubsystemDefinition } from "../../engine/sim/subsystem.ts";
import { tumble } from "../games/tumble.ts";
import { alsoRunning, brokenTick } from "../games/variants.ts";
import { Draws, testSeed } from "../unit/seeds.ts";
import { difference, tickHashes } from "./comparison.ts";
import { type GameName, games } from "./games.ts";
import { referenceJournal } from "./reference-runs.ts";
import { Rerecording, rerecord } from "./rerecord.ts";

const seed = testSeed("same-process");
const names: readonly GameName[] = ["tumble", "scrapyard"];
const references = {} as Record<GameName, Uint8Array>;
beforeAll(async () => {
  for (const name of names) references[name] = await referenceJournal(name);
});

test("the reference runs are long, and no two of their ticks have the same hash", () => {
  for (const name of names) {
    const journal = readJournal(references[name], name);
    const hashes = tickHashes(journal);
    expect(hashes.length).toBeGreaterThanOrEqual(900);
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(journal.ticks.some(({ records }) => records.length > 0)).toBe(true);
    expect(journal.end?.reason).toBe("stopped");
  }
});

test("a difference is found where it is, not only that there is one", async () => {
  const drifting = alsoRunning("swing-arms", ({ tick, columns, entities }) => {
    if (tick === brokenTick) columns.Arm.speed[entities[0]!] = columns.Arm.speed[entities[0]!]! + 2 ** -57;
  });
  expect(difference(references.tumble, await rerecord(references.tumble, drifting))).toBe(
    `tick ${brokenTick}: Arm.speed, and maybe spans after it`,
  );
});

for (const name of names)
  describe(name, () => {
    const game = games[name];
    const same = async (other: Game, subsystems?: readonly SubsystemDefinition[]): Promise<void> => {
      expect(difference(references[name], await rerecord(references[name], other, subsystems))).toBeUndefined();
    };

    test("again, and again", async () => {
      await same(game);
      await same(game);
    });

    test("with components, events and systems registered in other orders", async () => {
      const draws = new Draws(seed);
      await same({
        ...game,
        components: game.components.toReversed(),
        systems: game.systems.toReversed(),
        events: (game.events ?? []).toReversed(),
      });
      for (let round = 0; round < 2; round++)
        await same({
          ...game,
          components: shuffled(game.components, draws),
          systems: shuffled(game.systems, draws),
          events: shuffled(game.events ?? [], draws),
        });
    });

    test("with other subsystems beside it, in any order", async () => {
      const part = (word: string, needs: readonly string[] = []): SubsystemDefinition => ({
        name: word,
        needs,
        create: () => ({ beginFrame() {}, afterTick() {}, stages: { assemble() {} } }),
      });
      const parts = [part("first"), part("second", ["physics"]), part("third", ["second"])];
      await same(game, parts);
      await same(game, parts.toReversed());
      await same({ ...game, subsystems: [...(game.subsystems ?? []), ...parts] });
    });

    test("with the state hash in TypeScript instead of the kernel", async () => {
      const twin: SubsystemDefinition = {
        name: "hash-twin",
        create: () => ({
          start({ world }) {
            const region = (wanted: string) => world.arena.regions.find(({ name }) => name === wanted)!;
            const scratch = { table: region("Scratch.hashTable"), results: region("Scratch.hashResults") };
            const hash = new StateHash(world.arena, scratch, world.hash.spans, world.store.header, undefined);
            (world as { hash: StateHash }).hash = hash;
          },
        }),
      };
      await same(game, [twin]);
    });

    test("with structure and columns read by a nosy subsystem after each tick", async () => {
      const nosy: SubsystemDefinition = {
        name: "nosy",
        create: () => ({
          afterTick(world) {
            for (const component of world.program.schema.components) {
              world.query([component]);
              world.store.columnsOf(component);
            }
            world.timing.summary();
          },
        }),
      };
      await same(game, [nosy]);
    });
  });

test("two worlds of each game, interleaved in one process at random", async () => {
  const draws = new Draws(seed + 1);
  const runs = [...names, ...names].map((name) => ({ name, run: new Rerecording(references[name], games[name]) }));
  for (const { run } of runs) await run.start();
  const going = [...runs];
  while (going.length > 0) {
    const at = draws.below(going.length);
    for (let ticks = draws.below(7); ticks >= 0; ticks--)
      if (!going[at]!.run.step()) {
        going.splice(at, 1);
        break;
      }
  }
  for (const { name, run } of runs) expect(difference(references[name], run.finish()), name).toBeUndefined();
});

test("a world beside others that start and stop all the time", async () => {
  const run = new Rerecording(references.tumble, tumble);
  await run.start();
  for (let more = true; more; ) {
    const passing = new Rerecording(references.tumble, tumble);
    await passing.start();
    for (let ticks = 0; ticks < 30; ticks++) passing.step();
    passing.finish();
    for (let ticks = 0; ticks < 90 && more; ticks++) more = run.step();
  }
  expect(difference(references.tumble, run.finish())).toBeUndefined();
});

function shuffled<T>(list: readonly T[], draws: Draws): T[] {
  const rest = [...list];
  const result: T[] = [];
  while (rest.length > 0) result.push(...rest.splice(draws.below(rest.length), 1));
  return result;
}
