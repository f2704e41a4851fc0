/**
 * Every trap: what it says of the call that sprang it, with the exact place, and that the same call passes outside
 * world code. All are made in one process of their own, whose functions are replaced.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { calls, trappedTick } from "../../games/trapped.ts";

const gameFile = fileURLToPath(new URL("../../games/trapped.ts", import.meta.url));
const lines = readFileSync(gameFile, "utf8").split("\n");

/** "file:line:column" of `text` in relation to the project, from the line on that defines the call. */
function placeOf(name: string, text: string): string {
  const start = lines.findIndex((line) => line.startsWith(`  ${name}: `) || line.startsWith(`  "${name}": `));
  const at = lines.findIndex((line, i) => i >= start && line.includes(text));
  return `tests/games/trapped.ts:${at + 1}:${lines[at]!.indexOf(text) + 1}`;
}

/** What is told of each call, and the text at whose place it is caught. */
const told: Readonly<Record<keyof typeof calls, readonly [call: string, text: string]>> = {
  ...(Object.fromEntries(
    Object.keys(calls)
      .filter((name) => name.startsWith("math-"))
      .map((name) => [name, [`Math.${name.slice(5)}`, `${name.slice(5)}(`]]),
  ) as unknown as Readonly<Record<Extract<keyof typeof calls, `math-${string}`>, readonly [string, string]>>),
  "date-now": ["Date.now", "now("],
  "new-date": ["new Date", "new Date("],
  "date-call": ["Date", "Date()"],
  "date-of-date": ["new Date", "new (oldDate"],
  "performance-now": ["performance.now", "now("],
  "performance-origin": ["performance.timeOrigin", "timeOrigin"],
  "performance-mark": ["performance.mark", "mark("],
  "temporal-now": ["Temporal.Now.instant", "instant("],
  "event-time": ["Event.timeStamp", "timeStamp"],
  "process-id": ["process.pid", "pid"],
  "process-environment": ["process.env", "env["],
  "process-use": ["process.resourceUsage", "resourceUsage("],
  "process-module": ["process.getBuiltinModule", "getBuiltinModule("],
  "process-output": ["process.stdout", "stdout"],
  "atomics-wait": ["Atomics.wait", "wait("],
  "unsafe-buffer": ["Buffer.allocUnsafe", "allocUnsafe("],
  "process-hrtime": ["process.hrtime", "hrtime("],
  "process-hrtime-bigint": ["process.hrtime.bigint", "bigint("],
  "process-uptime": ["process.uptime", "uptime("],
  "process-memory": ["process.memoryUsage", "memoryUsage("],
  "set-timeout": ["setTimeout", "setTimeout("],
  "set-interval": ["setInterval", "setInterval("],
  "set-immediate": ["setImmediate", "setImmediate("],
  microtask: ["queueMicrotask", "queueMicrotask("],
  "next-tick": ["process.nextTick", "nextTick("],
  promise: ["a promise", "resolve("],
  "async-function": ["a promise", "async () => 1"],
  collator: ["new Intl.Collator", "new Intl"],
  "date-format": ["Intl.DateTimeFormat", "DateTimeFormat("],
  "locale-compare": ["String.localeCompare", "localeCompare("],
  "upper-case": ["String.toLocaleUpperCase", "toLocaleUpperCase("],
  "number-text": ["Number.toLocaleString", "toLocaleString("],
  "date-text": ["Date.toLocaleDateString", "toLocaleDateString("],
  "random-values": ["crypto", "getRandomValues("],
  "fetch-call": ["fetch", "fetch("],
  navigator: ["navigator", "hardwareConcurrency"],
  "weak-reference": ["new WeakRef", "new WeakRef("],
  "weak-read": ["WeakRef.deref", "deref("],
  registry: ["new FinalizationRegistry", "new Finalization"],
  "kept-random": ["Math.random", "random()"],
  "kept-sin": ["Math.sin", "sin(1)"],
  "kept-now": ["Date.now", "now()"],
  "kept-date": ["new Date", "new KeptDate"],
  "kept-timer": ["setTimeout", "setTimeout("],
  "kept-crypto": ["crypto.randomUUID", "randomUUID("],
  "kept-fetch": ["fetch", "fetch("],
  "kept-navigator": ["navigator.hardwareConcurrency", "hardwareConcurrency"],
  "kept-process": ["process.pid", "pid"],
  swallowed: ["Math.random", "random("],
};

interface Caught {
  readonly faults: Readonly<
    Record<string, { readonly kind: string; readonly fields: Readonly<Record<string, unknown>> }>
  >;
  readonly passed: readonly string[];
  readonly thrown: readonly (readonly string[])[];
}

const { stdout, stderr } = spawnSync(
  process.execPath,
  [fileURLToPath(new URL("../../games/trapped-calls.ts", import.meta.url))],
  { encoding: "utf8" },
);
if (!stdout.startsWith("{")) throw new Error(stderr);
const { faults, passed, thrown } = JSON.parse(stdout) as Caught;

describe("traps", () => {
  test.each(Object.keys(calls) as (keyof typeof calls)[])("%s is caught at its place", (name) => {
    const [call, text] = told[name];
    expect(faults[name]).toEqual({
      kind: "banned-call",
      fields: {
        ...{ call, code: "system", name, tick: trappedTick, place: placeOf(name, text) },
        instead: expect.stringMatching(/^[A-Z].*[^.]$/),
      },
    });
  });

  test("each call passes outside world code", () => {
    expect(passed).toEqual(Object.keys(calls));
  });

  test("what world code throws comes through the watch as it is, whatever it is", () => {
    const twice = (text: string): string[] => [`the same ${text}`, `the same ${text}`];
    expect(thrown).toEqual([twice("null"), twice("undefined"), twice("0"), twice("words")]);
  });
});
