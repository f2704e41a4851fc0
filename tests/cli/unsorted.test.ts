/**
 * Unsorted iterations planted in game code, found exactly by real commands: the column, the entity and the system that
 * iterates are named, where the order parts between two runs and where it parts between a world and its restored save.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { tumbleInput } from "../data/tumble-input.ts";
import { command, jsonOf, newPath } from "./command.ts";

const ticks = 300;
const writer = 'system "keep-ledger" (gameplay)';

interface Fields {
  readonly saved: number;
  readonly tick: number;
  readonly expected: string;
  readonly found: string;
}

const bitsOf = (text: string): string => /\(0x([0-9a-f]{16})\)$/.exec(text)![1]!;

test("heavy mode names the sum over a Set whose order is history, its entity and its system", async () => {
  const args = ["--ticks", String(ticks), "--seed", "7", "--json"];
  const result = await command(["run", "--heavy", "--heavy-every", "5", ...args], {
    main: "unsorted",
    variant: "history",
  });
  const { kind, fields } = jsonOf(result)["fault"] as { readonly kind: string; readonly fields: Fields };
  expect([result.code, kind]).toEqual([3, "heavy-differs"]);
  expect(fields).toMatchObject({
    ...{ what: "Ledger.sums[7] of entity 10", component: "Ledger", field: "sums", entity: 10 },
    ...{ expectedWriter: writer, foundWriter: writer },
  });
  // The members are the same, so the sums part in their last bits alone.
  expect(bitsOf(fields.expected).slice(0, 6)).toBe(bitsOf(fields.found).slice(0, 6));
  expect(fields.expected).not.toBe(fields.found);
  // Without restoring, nothing of it shows: the order of one history is the same in every run.
  const verify = ["verify", "determinism", "--modes", "plain,order", ...args];
  expect((await command(verify, { main: "unsorted", variant: "history" })).code).toBe(0);
}, 120_000);

test("replay diff names the sum over a Map that two runs filled in other orders", async () => {
  const input = newPath("input.jsonl");
  writeFileSync(input, tumbleInput(ticks));
  const [a, b] = [newPath("a.orj"), newPath("b.orj")];
  const run = ["run", "--ticks", String(ticks), "--seed", "7", "--input", input, "--keyframe-every", "90", "--record"];
  await command([...run, a], { main: "unsorted", variant: "host" });
  await command([...run, b], { main: "unsorted", variant: "hostReversed" });
  const codeB = fileURLToPath(new URL("../games/unsorted.ts", import.meta.url));
  const options = { main: "unsorted", variant: "host" } as const;
  const result = await command(["replay", "diff", a, b, "--code-b", codeB, "--json"], options);
  expect(result.code).toBe(3);
  const value = jsonOf(result) as { readonly hashTick: number };
  expect(value).toMatchObject({
    ...{ isSame: false, recordsTick: 0 },
    report: {
      first: {
        ...{ step: { kind: "system", name: "keep-ledger", phase: "gameplay" }, component: "Ledger", field: "sums" },
        ...{ entity: 10, a: { bits: expect.stringMatching(/^0x/) }, b: { bits: expect.stringMatching(/^0x/) } },
      },
    },
  });
  // Nothing is priced before the first crate is gone.
  expect(value.hashTick).toBeGreaterThan(100);
  const told = await command(["replay", "diff", a, b, "--code-b", codeB], options);
  expect(told.stdout).toContain(`The first to differ is ${writer}, in Ledger.sums[7] of entity 10.\n`);
}, 120_000);
