/** `trace compare` and `trace view` as a user starts them: tables, JSON, pages, and faults that name the place. */
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { sampleRun } from "../unit/trace/sample-run.ts";
import { command, faultIdOf, jsonOf, messageOf, newPath } from "./command.ts";

function fileOf(text: string): string {
  const path = newPath("trace.json");
  writeFileSync(path, text);
  return path;
}
const spans = (durations: readonly number[]): string =>
  JSON.stringify({
    traceEvents: [
      { ph: "M", name: "thread_name", pid: 1, tid: 1, args: { name: "engine" } },
      ...durations.map((dur, i) => ({ ph: "X", name: "tick", pid: 1, tid: 1, ts: 100 * i, dur })),
    ],
    otherData: { droppedEvents: 2 },
  });

describe("trace compare", () => {
  test("prints the figures of both side by side", async () => {
    const [a, b] = [fileOf(spans([1, 2, 3, 4])), fileOf(spans([2, 2.5]))];
    const result = await command(["trace", "compare", a, b]);
    expect(result.code).toBe(0);
    expect(result.stdout).toBe(
      [
        "span       count  p50 us  p95 us  p99 us  max us  total us",
        "tick  A        4     2.0     4.0     4.0     4.0      10.0",
        "      B        2     2.0     2.5     2.5     2.5       4.5",
        "      B/A   0.50    1.00    0.63    0.63    0.63      0.45",
        "",
      ].join("\n"),
    );
    expect(messageOf(result)).toContain(`${a}: 2 events were dropped; its figures are of the others`);
    const json = jsonOf(await command(["trace", "compare", a, b, "--json"]));
    expect(json).toMatchObject({ unit: "us", a: { path: a, problems: [], droppedEvents: 2 } });
    expect((json["spans"] as { ratios: object }[])[0]!.ratios).toMatchObject({ count: 0.5, total: 0.45 });
  });

  test("refuses what is no trace, with place and mend", async () => {
    const good = fileOf(spans([1]));
    const whole = sampleRun(2);
    const cutLines = whole.slice(0, 2_000).split("\n");
    const cutPlace = `${cutLines.length}:${cutLines.at(-1)!.length + 1}`;
    const bad: readonly (readonly [string, RegExp])[] = [
      [fileOf("not a trace"), /:1:1 is not a trace that can be read: it is not JSON \(byte 0\)\./],
      [
        fileOf(whole.slice(0, 2_000)),
        new RegExp(`:${cutPlace} is not .*: it is cut short \\(byte 2000\\)\\.\n\\s+Copy the file again whole`),
      ],
      [fileOf(whole.replace('"ph":"X"', '"ph":X')), /:\d+:7 is not .*: it is not JSON \(byte \d+\)/],
      [fileOf('{"traceEvents":[]}'), /: it has no events\.\n\s+Trace a run/],
      [fileOf('[{"ph":"i","ts":1}]'), /: it has no spans to compare/],
      [newPath("none.json"), /: it cannot be opened/],
    ];
    for (const [path, text] of bad) {
      const result = await command(["trace", "compare", good, path]);
      expect(result.code).toBe(1);
      expect(messageOf(result)).toMatch(text);
      expect(messageOf(result)).toContain(`E0901 ${path}`);
    }
    expect(faultIdOf(await command(["trace", "compare", bad[0]![0], good, "--json"]))).toBe("E0901");
  });
});

test("what the mend of a cut file says gives a file that can be read", async () => {
  const lines = sampleRun(2).slice(0, 6_000).split("\n").slice(0, -1);
  const mended = fileOf(`${lines.join("\n").replace(/,$/, "")}]}`);
  expect((await command(["trace", "compare", mended, mended])).code).toBe(0);
});

describe("trace view", () => {
  test("writes one page that holds everything", async () => {
    const output = newPath("trace.html");
    const result = await command(["trace", "view", fileOf(sampleRun(3)), "--output", output, "--json"]);
    expect(result.code).toBe(0);
    const page = readFileSync(output, "utf8");
    expect(jsonOf(result)).toEqual({ output, eventCount: expect.any(Number), byteCount: Buffer.byteLength(page) });
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).not.toMatch(/(src|href)=|<!--(style|script|trace)-->/);
  });

  test("refuses a bad trace and a page that cannot be written", async () => {
    const output = newPath("trace.html");
    const bad = await command(["trace", "view", fileOf('{"traceEvents":[{}'), "--output", output, "--json"]);
    expect([bad.code, faultIdOf(bad)]).toEqual([1, "E0901"]);
    const good = fileOf(sampleRun(1));
    const unwritable = await command(["trace", "view", good, "--output", `${output}/no/folder.html`, "--json"]);
    expect([unwritable.code, faultIdOf(unwritable)]).toEqual([1, "E0902"]);
  });
});
