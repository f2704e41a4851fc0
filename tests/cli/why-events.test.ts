/** `trace why` of a value that an event led to: the row is printed with its emitter and with entities as their numbers. */
import { expect, test } from "vitest";
import { command, jsonOf, newPath } from "./command.ts";

test("a row is told with the system that emitted it, entities by their index, as text and as data", async () => {
  const path = newPath("contacts.orj");
  await command(["run", "--ticks", "160", "--record", path]);
  const dump = jsonOf(await command(["replay", "run", path, "--dump-all", "Crate", "--json"]));
  const crates = dump["entities"] as {
    entity: number;
    components: { component: string; fields: { field: string; values: number[] }[] }[];
  }[];
  const touched = crates.find(({ components }) =>
    components[0]!.fields.some(({ field, values }) => field === "touches" && values[0]! > 0),
  )!.entity;
  const args = ["trace", "why", "Crate.touches", path, "--entity", String(touched), "--tick", "160"];
  const { code, stdout } = await command(args);
  expect(code).toBe(0);
  const rows = stdout.split("\n").filter((line) => line.startsWith("  event: Contact"));
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) {
    expect(row).toMatch(
      /^ {2}event: Contact \(a entity \d+, b entity \d+, sensor 0, started [01]\), emitted by system "step-bodies" \(physics\)$/,
    );
    expect(row).toMatch(new RegExp(`[ab] entity ${touched},`));
  }
  const { events } = jsonOf(await command([...args, "--json"]))["answer"] as { events: Record<string, unknown>[] };
  expect(events.length).toBe(rows.length);
  for (const [at, event] of events.entries()) {
    expect(event).toMatchObject({
      ...{ kind: "Contact", by: { kind: "system", name: "step-bodies", phase: "physics" }, entityFields: ["a", "b"] },
      ...{ inputs: expect.any(Array) },
    });
    const { a, b } = event["values"] as Record<string, number>;
    expect(rows[at]).toContain(`(a entity ${a}, b entity ${b}, `);
    expect([a, b]).toContain(touched);
  }
}, 120_000);
