/** `doctor`: what this machine has of what Orrery uses, each line with its remedy. */
import { existsSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { physicsBuild } from "../../../engine/physics/build.ts";
import manifest from "../../../package.json" with { type: "json" };
import { browserPlaces, thisDesktop } from "../../host/browser.ts";
import { packagedProgram } from "../../host/program.ts";
import type { CommandContext } from "../command-line.ts";
import { type ExitCode, exitCode } from "../exit-codes.ts";
import { tableText } from "../terminal.ts";

interface Check {
  readonly what: string;
  readonly found: string;
  readonly isFine: boolean;
  readonly remedy: string;
}

export async function doctor({ terminal }: CommandContext): Promise<ExitCode> {
  const browser = browserPlaces(thisDesktop()).find((place) => existsSync(place));
  const isPackaged = packagedProgram() !== undefined;
  const wantedNode = manifest.dependencies.node;
  const checks: Check[] = [
    {
      what: "Node",
      found: `${process.versions.node}${isPackaged ? " (in this executable)" : ""}`,
      isFine: process.versions.node === wantedNode,
      remedy: `The project pins ${wantedNode}: start by \`npm start\` or put node_modules/.bin first in PATH.`,
    },
    {
      what: "WebAssembly SIMD",
      found: hasSimd() ? "yes" : "no",
      isFine: hasSimd(),
      remedy: "Use a processor and a Node with WebAssembly SIMD.",
    },
    {
      what: "shared memory waits",
      found: typeof Atomics.waitAsync === "function" ? "yes" : "no",
      isFine: typeof Atomics.waitAsync === "function",
      remedy: `Use Node ${wantedNode}.`,
    },
    {
      what: "processors",
      found: String(availableParallelism()),
      isFine: availableParallelism() >= 2,
      remedy: "One processor runs everything, but frames will be late.",
    },
    {
      what: "memory",
      found: `${(totalmem() / 2 ** 30).toFixed(1)} GiB`,
      isFine: totalmem() >= 2 ** 30,
      remedy: "A world needs about 300 MiB.",
    },
    {
      what: "browser",
      found: browser ?? "none",
      isFine: browser !== undefined,
      remedy: "Install Chromium, Chrome, Edge or Brave, or open the printed address in any browser.",
    },
    { what: "physics build", found: physicsBuild, isFine: true, remedy: "" },
  ];
  for (const text of tableText(
    checks.map(({ what, found, isFine, remedy }) => [isFine ? "ok" : "!!", what, found, isFine ? "" : remedy]),
  ))
    terminal.line(text);
  terminal.value(checks);
  return checks.every((check) => check.isFine || check.what === "browser") ? exitCode.ok : exitCode.failed;
}

/** Validates the smallest module with a SIMD instruction. */
function hasSimd(): boolean {
  const { WebAssembly } = globalThis as unknown as { WebAssembly: { validate(bytes: Uint8Array): boolean } };
  return WebAssembly.validate(
    Uint8Array.of(
      0,
      97,
      115,
      109,
      1,
      0,
      0,
      0,
      1,
      5,
      1,
      96,
      0,
      1,
      123,
      3,
      2,
      1,
      0,
      10,
      10,
      1,
      8,
      0,
      65,
      0,
      253,
      15,
      253,
      98,
      11,
    ),
  );
}
