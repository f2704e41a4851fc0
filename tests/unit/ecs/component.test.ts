/** Component definitions: names, fields and values are checked where they are given. */
import { describe, expect, test } from "vitest";
import { componentCountMax } from "../../../engine/base/limits.ts";
import { type Component, defineComponent, type Fields, fieldNames } from "../../../engine/ecs/component.ts";
import {
  array,
  bool,
  entity,
  type Field,
  f32,
  f64,
  fieldBytes,
  fieldText,
  i8,
  i16,
  i32,
  mat4,
  u8,
  u16,
  u32,
} from "../../../engine/ecs/field.ts";
import { makeSchema } from "../../../engine/ecs/schema.ts";
import { defineEvent } from "../../../engine/events/event.ts";
import { change, faultOf, smallWorld } from "../small-world.ts";

const scalars = { f32, f64, i8, u8, i16, u16, i32, u32, bool, entity };

describe("names", () => {
  test.each(["a", "Position", "x1", "is-on", "A".repeat(63)])("%s is one", (name) => {
    expect(defineComponent(name, { [name]: f32 }).name).toBe(name);
    expect(defineEvent(name, { [name]: f32 }).name).toBe(name);
  });

  test.each(["", "1a", "-a", "a_b", "a b", "a.b", "é", "__proto__", "A".repeat(64)])("%j is none", (name) => {
    for (const define of [
      () => defineComponent(name),
      () => defineComponent("C", { [name]: f32 }),
      () => defineEvent(name, {}),
      () => defineEvent("E", Object.fromEntries([[name, f32]])),
    ])
      if (name !== "__proto__" || define.toString().includes("(name"))
        expect(faultOf(define).kind).toBe("bad-definition");
  });

  test.each(["component", "data"])("a field cannot be named %s: bitecs takes it for its own", (name) => {
    expect(faultOf(() => defineComponent("C", { [name]: f32 }))).toMatchObject({
      kind: "bad-definition",
      fields: { name: "C" },
    });
  });

  test.each(["constructor", "toString", "valueOf", "hasOwnProperty", "isPrototypeOf"])(
    "a field named %s starts from zero like any other, or is refused",
    (name) => {
      let component: Component;
      try {
        component = defineComponent("C", { [name]: f64, z: f32 });
      } catch {
        return;
      }
      const world = smallWorld({ components: [component] });
      change(world, (commands) => commands.spawn(component));
      expect(world.store.columnsOf(component)[name]?.[2]).toBe(0);
    },
  );
});

describe("fields", () => {
  test("have these bytes and texts", () => {
    const fields = { ...scalars, row: array(i16, 3), one: array(u8, 1), mat4 };
    expect(Object.entries(fields).map(([name, field]) => [name, fieldBytes(field), fieldText(field)])).toEqual([
      ["f32", 4, "f32"],
      ["f64", 8, "f64"],
      ["i8", 1, "i8"],
      ["u8", 1, "u8"],
      ["i16", 2, "i16"],
      ["u16", 2, "u16"],
      ["i32", 4, "i32"],
      ["u32", 4, "u32"],
      ["bool", 1, "bool"],
      ["entity", 4, "entity"],
      ["row", 6, "i16[3]"],
      ["one", 1, "u8"],
      ["mat4", 64, "f32[16]"],
    ]);
  });

  test.each([0, -1, 1.5, 257, Number.NaN])("an array of %d is refused", (length) => {
    expect(faultOf(() => defineComponent("C", { row: array(f32, length) })).kind).toBe("bad-definition");
  });

  test("are laid out by name, whatever the order of writing", () => {
    expect(fieldNames(defineComponent("C", { z: f32, a: u8, m: i16 }))).toEqual(["a", "m", "z"]);
    const one = makeSchema([defineComponent("B", { y: f32, x: u8 }), defineComponent("A")]);
    const other = makeSchema([defineComponent("A"), defineComponent("B", { x: u8, y: f32 })]);
    expect(one.text).toBe("A\nB x:u8 y:f32");
    expect([other.text, other.hash]).toEqual([one.text, one.hash]);
  });
});

describe("values", () => {
  const edges: readonly [keyof typeof scalars, readonly number[], readonly number[]][] = [
    ["f32", [0, -0, 1.5, 1e30, Number.POSITIVE_INFINITY], [Number.NaN]],
    ["f64", [0, -0, 1e300, Number.NEGATIVE_INFINITY], [Number.NaN]],
    ["i8", [-128, 127], [-129, 128, 0.5, Number.NaN, Number.POSITIVE_INFINITY]],
    ["u8", [0, 255], [-1, 256, 0.5, Number.NaN]],
    ["i16", [-32_768, 32_767], [-32_769, 32_768, 1e-9]],
    ["u16", [0, 65_535], [-1, 65_536]],
    ["i32", [-(2 ** 31), 2 ** 31 - 1], [-(2 ** 31) - 1, 2 ** 31]],
    ["u32", [0, 2 ** 32 - 1], [-1, 2 ** 32]],
    ["entity", [0, 2 ** 32 - 1], [-1, 2 ** 32, 0.5]],
    ["bool", [0, 1], [2, -1, 0.5, Number.NaN]],
  ];

  test.each(edges)("of %s are stored as given at both ends, and refused beyond", (scalar, good, bad) => {
    const component: Component = defineComponent("C", { v: scalars[scalar] } as Fields);
    const world = smallWorld({ components: [component] });
    for (const value of good) {
      const e = change(world, (commands) => commands.spawn(component.of({ v: value })));
      expect(world.store.columnsOf(component)["v"]?.[world.store.indexOf(e)]).toBe(
        scalar === "f32" ? Math.fround(value) : value,
      );
    }
    for (const value of bad) {
      const fault = faultOf(() => component.of({ v: value }));
      expect(fault).toMatchObject({ kind: "wrong-type", fields: { component: "C", field: "v", value: String(value) } });
      expect(
        faultOf(() => defineComponent("D", { v: scalars[scalar] } as Fields, { defaults: { v: value } })).kind,
      ).toBe("wrong-type");
    }
  });

  test("of fixed arrays have their length and element type", () => {
    const C = defineComponent("C", { row: array(i8, 3), m: mat4 });
    for (const row of [[], [1, 2], [1, 2, 3, 4], [1, 2, 300], [1, 2.5, 3]])
      expect(faultOf(() => C.of({ row }))).toMatchObject({ kind: "wrong-type", fields: { field: "row" } });
    expect(faultOf(() => C.of({ m: 1 })).kind).toBe("wrong-type");
    expect(faultOf(() => C.of({ m: new Array<number>(16).fill(Number.NaN) })).kind).toBe("wrong-type");
    const world = smallWorld({ components: [C] });
    change(world, (commands) => [commands.spawn(C), commands.spawn(C.of({ row: [-1, 2, -3] })), commands.spawn(C)]);
    expect([...(world.store.columnsOf(C)["row"] as Int8Array).slice(0, 15)]).toEqual([
      0, 0, 0, 0, 0, 0, 0, 0, 0, -1, 2, -3, 0, 0, 0,
    ]);
  });

  test("booleans are stored as 0 and 1", () => {
    const C = defineComponent("C", { on: bool });
    const world = smallWorld({ components: [C] });
    change(world, (commands) => [commands.spawn(C.of({ on: true })), commands.spawn(C.of({ on: false }))]);
    expect([...(world.store.columnsOf(C)["on"] as Uint8Array).slice(2, 4)]).toEqual([1, 0]);
  });

  test("of an unknown field are refused, with the known ones", () => {
    const C: Component = defineComponent("C", { y: f32, x: f32 });
    expect(faultOf(() => C.of({ z: 1 }))).toEqual({
      kind: "unknown-name",
      fields: { what: "field", name: "z", where: "C", known: "x, y" },
    });
  });

  test("values are those of the moment at which they were given", () => {
    const C = defineComponent("C", { x: f32, row: array(f32, 2) });
    const world = smallWorld({ components: [C] });
    const row = [1, 2];
    const values = { x: 1, row };
    change(world, (commands) => {
      commands.spawn(C.of(values));
      values.x = Number.NaN;
      row[0] = Number.NaN;
    });
    expect([world.store.columnsOf(C)["x"]?.[2], world.store.columnsOf(C)["row"]?.[4]]).toEqual([1, 1]);
  });
});

describe("schemas", () => {
  test("count one definition listed twice once, two of one name are a fault", () => {
    const C = defineComponent("C");
    expect(makeSchema([C, C]).components).toEqual([C]);
    expect(faultOf(() => makeSchema([C, defineComponent("C")]))).toEqual({
      kind: "duplicate-name",
      fields: { what: "component", name: "C" },
    });
  });

  test("bring what is required, also by what is required", () => {
    const P = defineComponent("P");
    const Q = defineComponent("Q", {}, { requires: [P] });
    const R = defineComponent("R", {}, { requires: [Q] });
    expect(makeSchema([R]).components.map(({ name }) => name)).toEqual(["P", "Q", "R"]);
    expect(faultOf(() => makeSchema([R, defineComponent("P")])).kind).toBe("duplicate-name");
  });

  test("hold 512 components and no more", () => {
    const many = Array.from({ length: componentCountMax + 1 }, (_, i) => defineComponent(`C${i}`));
    expect(makeSchema(many.slice(1)).components).toHaveLength(componentCountMax);
    expect(faultOf(() => makeSchema(many))).toEqual({
      kind: "limit-reached",
      fields: { limit: "components", value: 512, setting: "componentCountMax" },
    });
  });

  test("of 500 components keep them apart in every presence row", () => {
    const many = Array.from({ length: 500 }, (_, i) => defineComponent(`C${i}`, { x: u16 }));
    const world = smallWorld({ components: many, limits: { entities: 520 } });
    change(world, (commands) => {
      for (const [i, component] of many.entries()) commands.spawn(component.of({ x: i + 1 }));
    });
    const seen = many.map((component) => [...world.query([component]).entities]);
    expect(seen).toEqual(many.map((_, i) => [i + 2]));
    expect(many.map((component, i) => world.store.columnsOf(component)["x"]?.[i + 2])).toEqual(
      many.map((_, i) => i + 1),
    );
    const field: Field = u16;
    expect(field.length).toBe(1);
  });
});
