/** Faults: the catalogue is closed and stable, every entry speaks in full sentences, places are found. */
import { describe, expect, test } from "vitest";
import { AssertionFailure, assert, unreachable } from "../../../engine/base/assertions.ts";
import { type FaultKind, faultCatalog } from "../../../engine/base/fault-catalog.ts";
import {
  type Fault,
  FaultError,
  faultId,
  faultMend,
  faultOf,
  faultText,
  makeFault,
  placeOf,
  raise,
} from "../../../engine/base/faults.ts";
import { expectGolden } from "../golden.ts";

const kinds = Object.keys(faultCatalog) as FaultKind[];

/** Fields that answer every name with a text that shows that it was used. */
const anyFields = new Proxy({}, { get: (_, name) => (name === Symbol.toPrimitive ? undefined : `<${String(name)}>`) });
const sample = (kind: FaultKind): Fault => ({ kind, fields: anyFields }) as unknown as Fault;

describe("the catalogue", () => {
  test("keeps the ids that were given: a changed or reused one breaks `explain` and old logs", () => {
    const ids = kinds.map((kind) => `${faultCatalog[kind].id} ${kind}`).sort();
    expectGolden("fault-ids.txt", `${ids.join("\n")}\n`);
  });

  test("has each id once, in the group of its hundred", () => {
    const ids = kinds.map((kind) => faultCatalog[kind].id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^E0[1-9]\d\d$/);
  });

  test.each(kinds)("%s says what happened, how to mend it and why", (kind) => {
    const { explain } = faultCatalog[kind];
    for (const text of [faultText(sample(kind)), faultMend(sample(kind)), explain]) {
      expect(text).not.toContain("undefined");
      expect(text.length).toBeGreaterThan(5);
    }
    expect(explain).toMatch(/\.$/);
  });

  test.each(kinds.filter((kind) => !["lifecycle", "page-not-isolated"].includes(kind)))(
    "%s shows its values",
    (kind) => {
      expect(faultText(sample(kind)) + faultMend(sample(kind))).toMatch(/<\w+>/);
    },
  );
});

describe("raising", () => {
  test("carries kind, fields, cause and a text for stack traces", () => {
    const cause = new Error("below");
    let thrown: unknown;
    try {
      raise("disposed", { operation: "step" }, cause);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(FaultError);
    const error = thrown as FaultError;
    expect(error.fault).toEqual(makeFault("disposed", { operation: "step" }));
    expect(error.cause).toBe(cause);
    expect(error.message).toBe(`${faultId(error.fault)} ${faultText(error.fault)}`);
    expect(structuredClone(error.fault)).toEqual(error.fault);
    expect(faultOf(error)).toBe(error.fault);
  });

  test("what is no fault becomes `unexpected`, with its place", () => {
    const assertion = new AssertionFailure("a holds");
    const fault = faultOf(assertion);
    expect(fault.kind).toBe("unexpected");
    expect(fault.fields).toMatchObject({ message: "assertion failed: a holds" });
    expect((fault.fields as { place: string }).place).toMatch(/faults\.test\.ts:\d+:\d+$/);
    expect(faultOf("text").fields).toEqual({ message: "text", place: "" });
    expect(faultOf(undefined).fields).toEqual({ message: "undefined", place: "" });
  });
});

describe("places", () => {
  const withStack = (stack: string): Error => Object.assign(new Error("x"), { stack });
  test.each([
    ["Error: x\n    at run (/home/a/game/pull.ts:12:7)\n    at main (/b.ts:1:1)", "/home/a/game/pull.ts:12:7"],
    ["Error: x\n    at /home/a/pull.ts:12:7", "/home/a/pull.ts:12:7"],
    ["Error: x\n    at file:///home/a/pull.ts:12:7", "file:///home/a/pull.ts:12:7"],
    ["Error: x\n    at async Engine.frame (file:///a/engine/engine.ts:3:4)", "file:///a/engine/engine.ts:3:4"],
    ["Error: x\n    at raise (/p/engine/base/faults.ts:31:9)\n    at f (/p/x.ts:1:2)", "/p/x.ts:1:2"],
    ["Error: x\n    at assert (/p/engine/base/assertions.ts:20:9)\n    at f (/p/x.ts:1:2)", "/p/x.ts:1:2"],
    ["Error: x\n    at process (node:internal/timers:1:2)\n    at f (/p/x.ts:1:2)", "/p/x.ts:1:2"],
    [
      "run@http://127.0.0.1:8080/game.js:12:7\nmain@http://127.0.0.1:8080/game.js:1:1",
      "http://127.0.0.1:8080/game.js:12:7",
    ],
    ["run@/home/a/pull.ts:12:7\n", "/home/a/pull.ts:12:7"],
    ["Error: x\n    at C:\\game\\pull.ts:12:7", "C:\\game\\pull.ts:12:7"],
    ["Error: x", ""],
  ])("are found in %j", (stack, place) => {
    expect(placeOf(withStack(stack))).toBe(place);
  });
});

describe("assertions", () => {
  test("pass, or fail with their values", () => {
    expect(() => assert(true, "never")).not.toThrow();
    expect(() => assert(false, "a is b", { a: 1, b: "x" })).toThrow(new AssertionFailure('a is b {"a":1,"b":"x"}'));
    expect(() => assert(false, "a is b")).toThrow(new AssertionFailure("a is b"));
    expect(() => unreachable("x" as never)).toThrow(new AssertionFailure('unreachable value "x"'));
  });
});
