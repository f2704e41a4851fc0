/** Manifests: what is accepted, in which order it is registered, and every class of what is refused. */
import { describe, expect, test } from "vitest";
import { parseManifest, registerAssets } from "../../../engine/asset/manifest.ts";
import { FaultError } from "../../../engine/base/faults.ts";
import { hashBytes, hashHex } from "../../../engine/base/hash.ts";
import { makeBench } from "./bench.ts";

const good = { name: "a", kind: "raw", file: "a.bin", byteLength: 3, hash: "0123456789abcdef" };
const parse = (...assets: unknown[]) => parseManifest("assets/manifest.json", JSON.stringify({ assets }));

/** The path and problem of the fault that a manifest raises, or undefined. */
function refusal(text: string): readonly [string, string] | undefined {
  try {
    parseManifest("m.json", text);
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof FaultError) || thrown.fault.kind !== "manifest-invalid") throw thrown;
    const { path, problem, remedy, file } = thrown.fault.fields;
    expect([file, remedy.endsWith(".")]).toEqual(["m.json", true]);
    return [path, problem];
  }
}

test("all fields are read, those left out have their usual values", () => {
  const whole = { ...good, name: "b", needs: ["a"], priority: -4, fallback: "a" };
  expect(parse(good, whole).assets).toEqual([
    {
      name: "a",
      kind: "raw",
      file: "a.bin",
      byteLength: 3,
      hashHigh: 0x01234567,
      hashLow: 0x89abcdef,
      needs: [],
      priority: 0,
      fallback: "",
    },
    {
      name: "b",
      kind: "raw",
      file: "a.bin",
      byteLength: 3,
      hashHigh: 0x01234567,
      hashLow: 0x89abcdef,
      needs: ["a"],
      priority: -4,
      fallback: "a",
    },
  ]);
  expect(parseManifest("m.json", '{ "format": 1, "assets": [] }').assets).toEqual([]);
});

test("what is needed comes first, else the order given; a circle names itself", () => {
  const asset = (name: string, needs: string[], fallback?: string) => ({
    ...good,
    name,
    needs,
    ...(fallback && { fallback }),
  });
  const names = (...assets: unknown[]) => parse(...assets).ordered.map(({ name }) => name);
  expect(names(asset("m", ["t", "p"], "z"), asset("p", []), asset("t", ["p"]), asset("z", []))).toEqual([
    "z",
    "p",
    "t",
    "m",
  ]);
  expect(() => parse(asset("x", ["a"]), asset("a", ["b"]), asset("b", ["c"]), asset("c", ["a"]))).toThrow(
    "E0804 Assets wait for one another in a circle: a -> b -> c -> a.",
  );
  expect(() => parse(asset("a", ["a"]))).toThrow("a -> a");
  expect(() => parse(asset("a", ["b"]), asset("b", [], "a"))).toThrow("a -> b -> a");
});

test("registered assets load, with their needs and fallbacks", () => {
  const file = Uint8Array.of(1, 2, 3);
  const { high, low } = hashBytes(file);
  const entry = { ...good, hash: hashHex(high, low) };
  const manifest = parse({ ...entry, name: "b", needs: ["a"], fallback: "a" }, entry);
  const { pipelines, poll, published, show } = makeBench(new Map([["a.bin", file]]));
  const handles = registerAssets(pipelines, manifest);
  expect([...handles.keys()]).toEqual(["a", "b"]);
  pipelines.request(handles.get("b")!);
  poll(2);
  expect(published.map(({ name }) => name)).toEqual(["a", "b"]);
  expect(show(handles.get("b")!)?.bytes).toEqual([1, 2, 3]);
});

describe("is refused", () => {
  test.each<[string, string, string]>([
    ["no JSON", "{", "$"],
    ["a list", "[]", "$"],
    ["null", "null", "$"],
    ["without assets", "{}", "$"],
    ["another format", '{"format":2,"assets":[]}', "$.format"],
    ["an unknown key", '{"assets":[],"asets":1}', "$.asets"],
    ["assets as an object", '{"assets":{}}', "$.assets"],
    ["an asset that is a text", '{"assets":["a"]}', "$.assets[0]"],
  ])("%s", (_, text, path) => {
    expect(refusal(text)?.[0]).toBe(path);
  });

  test.each<[Record<string, unknown>, string, string]>([
    [{ name: undefined }, "$.assets[1]", '"name" is missing'],
    [{ kind: undefined }, "$.assets[1]", '"kind" is missing'],
    [{ file: undefined }, "$.assets[1]", '"file" is missing'],
    [{ byteLength: undefined }, "$.assets[1]", '"byteLength" is missing'],
    [{ hash: undefined }, "$.assets[1]", '"hash" is missing'],
    [{ size: 1 }, "$.assets[1].size", "there is no such key"],
    [{ name: 7 }, "$.assets[1].name", "it is a number"],
    [{ name: "" }, "$.assets[1].name", "it is empty"],
    [{ name: "x".repeat(129) }, "$.assets[1].name", "it has 129 characters"],
    [{ name: "a" }, "$.assets[1].name", '"a" is the name of $.assets[0] too'],
    [{ kind: null }, "$.assets[1].kind", "it is null"],
    [{ file: "/etc/x" }, "$.assets[1].file", '"/etc/x" is no path within the folder of the manifest'],
    [{ file: "a/../b" }, "$.assets[1].file", '"a/../b" is no path within the folder of the manifest'],
    [{ file: "a\\b" }, "$.assets[1].file", '"a\\b" is no path within the folder of the manifest'],
    [{ file: "c:x" }, "$.assets[1].file", '"c:x" is no path within the folder of the manifest'],
    [{ file: "a//b" }, "$.assets[1].file", '"a//b" is no path within the folder of the manifest'],
    [{ byteLength: "3" }, "$.assets[1].byteLength", "it is a string"],
    [{ byteLength: -1 }, "$.assets[1].byteLength", "it is -1"],
    [{ byteLength: 1.5 }, "$.assets[1].byteLength", "it is 1.5"],
    [{ byteLength: 3e9 }, "$.assets[1].byteLength", "it is 3000000000"],
    [{ hash: "0123456789ABCDEF" }, "$.assets[1].hash", '"0123456789ABCDEF" is not 16 lower-case hexadecimal digits'],
    [{ hash: "12" }, "$.assets[1].hash", '"12" is not 16 lower-case hexadecimal digits'],
    [{ hash: 12 }, "$.assets[1].hash", "it is a number"],
    [{ needs: "a" }, "$.assets[1].needs", "it is a string"],
    [{ needs: [["a"]] }, "$.assets[1].needs[0]", "it is a list"],
    [{ needs: ["a", "c"] }, "$.assets[1].needs[1]", 'there is no asset "c"'],
    [{ needs: ["a", "a"] }, "$.assets[1].needs[1]", '"a" is named twice'],
    [{ priority: 1.5 }, "$.assets[1].priority", "it is 1.5"],
    [{ priority: 2_000 }, "$.assets[1].priority", "it is 2000"],
    [{ priority: true }, "$.assets[1].priority", "it is a boolean"],
    [{ fallback: {} }, "$.assets[1].fallback", "it is an object"],
    [{ fallback: "c" }, "$.assets[1].fallback", 'there is no asset "c"'],
    [{ fallback: "a", kind: "twice" }, "$.assets[1].fallback", '"a" is of kind "raw", not "twice"'],
  ])("an asset with %j", (change, path, problem) => {
    const text = JSON.stringify({ assets: [good, { ...good, name: "b", ...change }] });
    expect(refusal(text)).toEqual([path, problem]);
  });

  test("nothing that is whole", () => {
    expect(refusal(JSON.stringify({ assets: [good, { ...good, name: "b" }] }))).toBeUndefined();
  });
});
