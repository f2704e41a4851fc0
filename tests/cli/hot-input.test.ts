/**
 * Input from outside over swaps that number controls anew, by the real command: what a file and a page say of a control is
 * for the control that they name, whichever number it has by then.
 */
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import type { Journal } from "../../engine/replay/journal.ts";
import { encodeMessage, socketPath } from "../../runtime/drivers/web/protocol.ts";
import { SteeredSources, x } from "../games/steered-game.ts";
import { encodeAll } from "../unit/drivers/contract.ts";
import { command, journalSoFar, newPath, RunningCommand } from "./command.ts";

const sources = new SteeredSources({ controls: { x } });
afterAll(() => sources.remove());

/** A new control that takes the number of `x` away from it. */
const boost = { kind: "held", keys: ["ShiftLeft"], label: "Boost" } as const;
const axle = { ...x, negative: [], positive: [] };
const taken = /(?:New code since|Restarted with new code at) tick \d+/g;

/** Interrupts a run and gives its journal, which must verify. */
async function stopped(run: RunningCommand, path: string): Promise<Journal> {
  run.signal("SIGINT");
  const { code, stderr } = await run.finished;
  expect([code, stderr]).toEqual([130, stderr]);
  const verified = await command(["replay", "verify", path], { file: sources.main });
  expect([verified.code, verified.stderr]).toEqual([0, verified.stderr]);
  return journalSoFar(path)!;
}

/** Controls of the axis and button records of each of a journal's programs, without repetition. */
function controlsIn(journal: Journal): number[][] {
  const since = [0, ...journal.swaps.map(({ tick }) => tick)];
  const controls = since.map(() => new Set<number>());
  for (const { tick, records } of journal.ticks)
    for (const record of records)
      if (record.kind === "axis" || record.kind === "button")
        controls[since.findLastIndex((first) => first < tick)]!.add(record.control);
  return controls.map((found) => [...found].sort());
}

/** Waits until the newest of so many programs has records of its own in the journal. */
async function heard(run: RunningCommand, path: string, programCount: number): Promise<void> {
  await run.until(() => {
    const journal = journalSoFar(path);
    const controls = journal === undefined ? [] : controlsIn(journal);
    return controls.length >= programCount && controls[programCount - 1]!.length > 0;
  });
}

test.each(["--hot", "--watch"])(
  "a script's records are for the controls that it names, over swaps with %s",
  async (option) => {
    sources.edit({ controls: { x } });
    const [path, input] = [newPath("script.orj"), newPath("input.jsonl")];
    // Long enough, whenever the swaps come.
    const lines = Array.from({ length: 3_000 }, (_, at) => ({
      tick: 2 + at * 5,
      player: 1,
      control: "x",
      value: at % 2,
    }));
    writeFileSync(
      input,
      [{ tick: 1, player: 1, join: "Ada" }, ...lines].map((line) => JSON.stringify(line)).join("\n"),
    );
    const args = ["run", option, "--ticks", "100000", "--no-traps", "--input", input, "--record", path];
    const run = new RunningCommand(args, { file: sources.main });
    await run.printed(/Edit the game while it runs/);
    const count = (): number => [...(run.stdout + run.stderr).matchAll(taken)].length;
    const after = async (controls: Parameters<SteeredSources["edit"]>[0]["controls"], swaps: number): Promise<void> => {
      sources.edit({ controls });
      await run.until(() => count() >= swaps);
      await heard(run, path, swaps + 1);
    };
    await after({ axle, x }, 1);
    await after({ axle, boost, x }, 2);
    await after({ x, y: axle }, 3);
    expect(controlsIn(await stopped(run, path))).toEqual([[0], [1], [2], [0]]);
  },
);

test.each(["--hot", "--watch"])(
  "a page that never learns of new code with %s is understood, and nothing it says is for another control",
  async (option) => {
    sources.edit({ controls: { x, z: axle } });
    const path = newPath("page.orj");
    const run = new RunningCommand(["play", "--no-open", option, "--port", "0", "--record", path], {
      file: sources.main,
    });
    const [, address] = await run.printed(/plays at (http:\/\/\S+)\n/);
    await run.printed(/Edit the game while it runs/);
    const url = new URL(address!);
    const build = /name="orrery-build" content="([^"]+)"/.exec(await (await fetch(url)).text())?.[1] ?? "";
    const token = url.searchParams.get("token") ?? "";
    const socket = new WebSocket(`ws://${url.host}${socketPath}?token=${token}`, { origin: url.origin });
    await once(socket, "open");
    socket.send(encodeMessage({ type: "hello", build, name: "Ada", session: "" }));
    await once(socket, "message");
    let isOver = false;
    // Without a pause, so that some of it is on its way whenever a world goes over.
    const sending = (async () => {
      for (let value = 1; !isOver; value = -value) {
        socket.send(encodeAll([{ kind: "axis", player: 1, control: 0, value }]));
        await new Promise((resolve) => setTimeout(resolve, 4));
      }
    })();
    const count = (): number => [...(run.stdout + run.stderr).matchAll(taken)].length;
    const steps: Parameters<SteeredSources["edit"]>[0]["controls"][] = [
      { axle, x },
      { x, z: axle },
      { axle, boost, x },
      { boost, x },
      { x, y: axle },
    ];
    for (const [at, controls] of steps.entries()) {
      sources.edit({ controls });
      await run.until(() => count() > at);
      await heard(run, path, at + 2);
    }
    // Taken back behind as many ticks: for a moment the page is understood as if it were not.
    const head = "let ticks = 0;";
    sources.edit({ controls: { axle, x }, head, first: 'if (++ticks > 30) throw new Error("it leaks");' });
    const [, failedTick] = await run.printed(/failed at tick (\d+) and was taken back/);
    await run.until(() => {
      const { swaps, lastTick } = journalSoFar(path) ?? { swaps: [], lastTick: 0 };
      return swaps.length === steps.length && lastTick > Number(failedTick);
    });
    isOver = true;
    await sending;
    expect(socket.readyState).toBe(WebSocket.OPEN);
    const journal = await stopped(run, path);
    expect(controlsIn(journal)).toEqual([[0], [1], [0], [2], [1], [0]]);
  },
);
