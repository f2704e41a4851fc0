/** The plan of Scrapyard: it compiles without an ambiguous order and runs in the order of systems.ts. */
import { expect, test } from "vitest";
import { Engine, ManualClock } from "../../../engine/index.ts";
import { scrapyard } from "../../../game/game.ts";
import { systems } from "../../../game/systems.ts";

test("the game compiles to a plan that runs its systems in the order in which they are listed", () => {
  const { plan } = new Engine(scrapyard, { clock: new ManualClock() }, { seed: 1 }).program;
  const own = new Set(systems.map(({ name }) => name));
  const planned = plan.phases.flatMap((phase) => phase.systems.map(({ name }) => name)).filter((name) => own.has(name));
  expect(planned).toEqual(systems.map(({ name }) => name));
});

test("forces are gathered before bodies are moved", () => {
  const { plan } = new Engine(scrapyard, { clock: new ManualClock() }, { seed: 1 }).program;
  const names = plan.phases.find(({ name }) => name === "physics")!.systems.map(({ name }) => name);
  expect(names).toEqual([
    "run-conveyors",
    "sweep-arm",
    "drift-section",
    "drive-tugs",
    "pull-crates",
    "push-bodies",
    "step-bodies",
    "pull-bodies",
  ]);
});

test("the order of registration changes nothing", () => {
  const backwards = { ...scrapyard, systems: [...scrapyard.systems].reverse() };
  const hash = (game: typeof scrapyard): string =>
    new Engine(game, { clock: new ManualClock() }, { seed: 1 }).program.planHash;
  expect(hash(backwards)).toBe(hash(scrapyard));
});
