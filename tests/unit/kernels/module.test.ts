/** The kernels' module holds code and nothing that could reach past its arguments into an arena. */
import { expect, test } from "vitest";
import { kernelBytes } from "../../../engine/kernels/bytes.ts";
import { bindTwins } from "../../../engine/kernels/twins/twins.ts";

/** Ids of the sections of a WebAssembly module, in order. */
function sectionsOf(bytes: Uint8Array): number[] {
  const ids: number[] = [];
  for (let at = 8; at < bytes.length; ) {
    ids.push(bytes[at++]!);
    let byteLength = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]!;
      byteLength += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    at += byteLength;
  }
  return ids;
}

const start = 8;
const data = 11;

test("no instance writes data over its arena or runs code of its own accord", () => {
  const sections = sectionsOf(kernelBytes);
  expect(sections).not.toContain(data);
  expect(sections).not.toContain(start);
  expect(sections.length).toBeGreaterThan(3);
});

test("every kernel of the frame has a twin, and what has no twin here has it where its caller is", () => {
  const compiled = new WebAssembly.Module(new Uint8Array(kernelBytes));
  const kernels = WebAssembly.Module.exports(compiled).map(({ name }) => name);
  const twins = Object.keys(bindTwins(new SharedArrayBuffer(64)));
  const elsewhere = ["findNaN32", "findNaN64", "findNonFinite32", "findNonFinite64", "hashRegions", "propagate"];
  expect(kernels.filter((name) => name !== "memory").sort()).toEqual([...twins, ...elsewhere].sort());
});
