/** Systems that go wrong: what they throw and the NaN they write are faults with system, tick, entity and place. */
import { describe, expect, test } from "vitest";
import { faultMend, faultText } from "../../../engine/base/faults.ts";
import { defineComponent } from "../../../engine/ecs/component.ts";
import { array, f32, f64, mat4, u32 } from "../../../engine/ecs/field.ts";
import { defineEvent } from "../../../engine/events/event.ts";
import { defineSystem, type SystemContext } from "../../../engine/sim/system.ts";
import type { World } from "../../../engine/sim/world.ts";
import { faultOf, smallWorld } from "../small-world.ts";

const A = defineComponent("A", { x: f32, n: u32 });

describe("a system that throws", () => {
  const throwing = (run: (context: SystemContext) => void): World =>
    smallWorld({
      components: [A],
      systems: [
        { name: "calm", phase: "input", run: () => {} },
        { name: "broken", phase: "gameplay", query: [A], run },
      ],
      setup: ({ commands }) => {
        commands.spawn(A);
      },
    });

  test("is a fault with system, phase, tick, message and place, caused by what was thrown", () => {
    const error = new RangeError("no such crate");
    const world = throwing(({ tick }) => {
      if (tick === 3) throw error;
    });
    world.tick();
    world.tick();
    let thrown: unknown;
    try {
      world.tick();
    } catch (caught) {
      thrown = caught;
    }
    expect(
      faultOf(() => {
        throw thrown;
      }),
    ).toEqual({
      kind: "system-threw",
      fields: {
        system: "broken",
        phase: "gameplay",
        tick: 3,
        entity: 0,
        message: "no such crate",
        place: expect.stringMatching(/system-faults\.test\.ts:\d+:\d+$/),
      },
    });
    expect((thrown as Error).cause).toBe(error);
    expect(world.runningSystem).toBe("broken");
  });

  test("names the entity when the fault inside does", () => {
    const world = throwing(({ commands, world: lookup }) => {
      const e = lookup.handleOf(2);
      commands.despawn(e);
      commands.add(e + 0x100000, A);
    });
    expect(faultOf(() => world.tick()).fields).toMatchObject({
      system: "broken",
      tick: 1,
      entity: 2,
      message: expect.stringContaining("E0302"),
    });
  });

  test("names the system's own line when the engine refuses what it asks for", () => {
    const world = throwing(({ commands }) => commands.despawn(0xabc00001));
    expect(faultOf(() => world.tick()).fields).toMatchObject({
      place: expect.stringMatching(/system-faults\.test\.ts:\d+:\d+$/),
    });
  });

  test("tells the setting that raises a limit which it reached", () => {
    const world = throwing(({ commands }) => {
      for (let i = 0; i < 100; i++) commands.spawn();
    });
    const fault = faultOf(() => world.tick());
    expect(faultText(fault) + faultMend(fault)).toContain("limits.entities");
  });

  test.each([["a text"], [undefined], [{ not: "an error" }], [null]])("may throw anything: %j", (value) => {
    const world = throwing(() => {
      throw value;
    });
    expect(faultOf(() => world.tick())).toMatchObject({
      kind: "system-threw",
      fields: { message: String(value), place: "" },
    });
  });
});

describe("NaN", () => {
  const Wide = defineComponent("Wide", { d: f64, f: f32, m: mat4, v: array(f64, 3) });
  const entities = 40;
  const cases: [field: "d" | "f" | "m" | "v", length: number][] = [
    ["d", 1],
    ["f", 1],
    ["m", 16],
    ["v", 3],
  ];

  test.each(cases)(
    "written to %s is found in the first, a middle and the last element of the first, a middle and the last slot",
    (field, length) => {
      for (const e of [2, 17, entities])
        for (const element of new Set([0, length >> 1, length - 1])) {
          const world = smallWorld({
            components: [Wide],
            limits: { entities },
            systems: [
              defineSystem({ name: "quiet", phase: "input", query: [Wide], writes: [Wide], run: () => {} }),
              defineSystem({
                name: "spoil",
                phase: "gameplay",
                query: [Wide],
                writes: [Wide],
                run: ({ columns, tick }) => {
                  if (tick === 2) columns.Wide[field][e * length + element] = Number.NaN;
                },
              }),
            ],
            setup: ({ commands }) => {
              for (let i = 2; i <= entities; i++)
                commands.spawn(Wide.of({ d: i, f: i, m: new Array<number>(16).fill(i), v: [i, i, i] }));
            },
          });
          world.tick();
          expect(faultOf(() => world.tick())).toEqual({
            kind: "not-a-number",
            fields: { component: "Wide", field, entity: e, system: "spoil", tick: 2 },
          });
        }
    },
  );

  test("infinities are numbers", () => {
    const world = smallWorld({
      components: [Wide],
      systems: [
        defineSystem({
          name: "grow",
          phase: "gameplay",
          query: [Wide],
          writes: [Wide],
          run: ({ columns }) => {
            columns.Wide.f[2] = Number.POSITIVE_INFINITY;
            columns.Wide.d[2] = Number.NEGATIVE_INFINITY;
          },
        }),
      ],
      setup: ({ commands }) => {
        commands.spawn(Wide);
      },
    });
    expect(() => world.tick()).not.toThrow();
  });

  test("emitted in an event is a fault as well: its rows are in the hash", () => {
    const Hit = defineEvent("Hit", { force: f32 });
    const world = smallWorld({
      events: [Hit],
      systems: [
        defineSystem({
          name: "hit",
          phase: "gameplay",
          emits: [Hit],
          run: ({ events }) => events.Hit.emit({ force: Number.NaN }),
        }),
      ],
    });
    expect(() => world.tick()).toThrow();
  });
});
