/** A journal of another program is refused, and the refusal names what differs with both values. */
import { expect, test } from "vitest";
import { faultText } from "../../../engine/base/faults.ts";
import type { Game } from "../../../engine/game.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { identityDifference, isIdentity, type ProgramIdentity } from "../../../engine/replay/identity.ts";
import { readJournal } from "../../../engine/replay/journal.ts";
import { engineFor } from "../../../engine/replay/replay.ts";
import type { JournalHeader } from "../../../engine/replay/wire.ts";
import { record, withHeader } from "../../data/journals.ts";
import { tumble } from "../../games/tumble.ts";
import { variants } from "../../games/variants.ts";
import { faultOf } from "../small-world.ts";

const bytes = await record({ game: tumble, tickCount: 2 });
const header = readJournal(bytes, "x").header;

/** The text of the refusal, with hashes and versions as words so that it stays the same. */
function refusal(journal: Uint8Array, game: Game): string {
  return faultText(faultOf(() => engineFor(readJournal(journal, "x.orj"), game, { clock: new ManualClock() })));
}
const withoutHashes = (text: string): string => text.replace(/\b[0-9a-f]{16}\b/g, "HASH");

test("another game, schema, plan, tick rate or limit", () => {
  expect(refusal(bytes, variants.otherGame())).toMatchInlineSnapshot(
    `"x.orj was recorded with game tumble, this program has rumble."`,
  );
  expect(refusal(bytes, variants.otherRate())).toMatchInlineSnapshot(
    `"x.orj was recorded with tick rate 60, this program has 50."`,
  );
  expect(refusal(bytes, variants.otherLimits())).toMatchInlineSnapshot(
    `"x.orj was recorded with limit entities 512, this program has 640."`,
  );
  for (const [game, field, own] of [
    [variants.otherSchema(), "schema", header.program.schemaHash],
    [variants.otherPlan(), "plan", header.program.planHash],
  ] as const) {
    const text = refusal(bytes, game);
    expect(withoutHashes(text)).toBe(`x.orj was recorded with ${field} HASH, this program has HASH.`);
    expect(text).toContain(own);
    expect(text.split(own).length, "the two values differ").toBe(2);
  }
});

test("another physics build, engine or format", () => {
  const changed = (program: Partial<JournalHeader["program"]>): string =>
    refusal(
      withHeader(bytes, (known) => ({ ...known, program: { ...known.program, ...program } })),
      tumble,
    );
  const { physicsBuild, engine } = header.program;
  expect(changed({ physicsBuild: "npm:other@1.0.0" })).toBe(
    `x.orj was recorded with physics build npm:other@1.0.0, this program has ${physicsBuild}.`,
  );
  expect(changed({ engine: "orrery 0.0.1" })).toBe(
    `x.orj was recorded with engine orrery 0.0.1, this program has ${engine}.`,
  );
  const { limits } = header.program;
  const { players: _, ...fewer } = limits;
  expect(changed({ limits: fewer as typeof limits })).toMatchInlineSnapshot(
    `"x.orj was recorded with limit players none, this program has 4."`,
  );
});

test("the same program is no difference, whatever the order of its limits", () => {
  const { program } = header;
  const turned = Object.fromEntries(Object.entries(program.limits).reverse()) as unknown as typeof program.limits;
  expect(identityDifference(program, { ...program, limits: turned })).toBeUndefined();
});

test("a limit that this program does not know is a difference", () => {
  const { program } = header;
  const limits = { ...program.limits, moons: 2 };
  expect(identityDifference({ ...program, limits }, program)).toEqual({
    field: "limit moons",
    journal: "2",
    program: "none",
  });
});

test("other settings are named as a configuration file names them", () => {
  const { program } = header;
  const other: ProgramIdentity = { ...program, planHash: "0", settings: { disabled: ["x"], tick: { perFrameMax: 2 } } };
  expect(identityDifference(other, program)).toEqual({
    field: "settings",
    journal: 'systems.disabled = ["x"], tick.per_frame_max = 2',
    program: "none",
  });
});

test("only what has the form of an identity is one, in journals and in keyframes", () => {
  const { program } = header;
  expect(isIdentity(JSON.parse(JSON.stringify(program)))).toBe(true);
  const wrong: readonly unknown[] = [
    ...[null, undefined, "tumble", [], {}],
    ...["planHash", "schemaHash", "physicsBuild", "engine", "game"].flatMap((key) => [
      { ...program, [key]: undefined },
      { ...program, [key]: 7 },
      { ...program, [key]: "a\u001b[31m" },
      { ...program, [key]: "a\nb" },
    ]),
    ...[undefined, "60", 0.5].map((tickRate) => ({ ...program, tickRate })),
    ...[undefined, null, [], { players: "4" }, { players: null }, { "a\nb": 4 }].map((limits) => ({
      ...program,
      limits,
    })),
    ...[[], { disabled: 4 }, { odrer: [] }].map((settings) => ({ ...program, settings })),
  ];
  expect(wrong.filter(isIdentity)).toEqual([]);
});

test("behaviour alone is no difference: the plan is the same", () => {
  const engine = engineFor(readJournal(bytes, "x"), variants.diverges(), { clock: new ManualClock() });
  expect(engine.status.state).toBe("created");
  engine.dispose();
});
