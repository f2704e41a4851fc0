/** Replays through recorded swaps: other code, other settings, several of each; from the beginning and from keyframes. */
import { describe, expect, test } from "vitest";
import { Engine } from "../../../engine/engine.ts";
import type { Game } from "../../../engine/game.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { plainCompressor } from "../../../engine/ports/compressor.ts";
import { MemorySink } from "../../../engine/ports/storage.ts";
import { blockKind } from "../../../engine/replay/block.ts";
import { firstDivergence } from "../../../engine/replay/diff.ts";
import { type Journal, readJournal } from "../../../engine/replay/journal.ts";
import { KeyframeTaker } from "../../../engine/replay/keyframe-taker.ts";
import { journalParts, verifyJournal } from "../../../engine/replay/player.ts";
import { recorderSubsystem } from "../../../engine/replay/recorder.ts";
import type { ReplayHost } from "../../../engine/replay/replay.ts";
import { decodeSwap, encodeSwap, type JournalSwap } from "../../../engine/replay/wire.ts";
import { Swap, successorPorts } from "../../../engine/swap/swap.ts";
import { replayHost } from "../../../runtime/replay/replay-host.ts";
import { framed, partsOf } from "../../data/journals.ts";
import { tumble } from "../../games/tumble.ts";
import { alsoRunning, variants } from "../../games/variants.ts";
import { faultOfAsync } from "../small-world.ts";

/** Codes that the tests swap to, by their hash. */
const codes: Readonly<Record<string, Game>> = {
  faster: alsoRunning("swing-arms", ({ columns, entities }) => {
    columns.Arm.angle[entities[0]!] = columns.Arm.angle[entities[0]!]! + 0.01;
  }),
  more: variants.otherSchema(),
  other: variants.otherPlan(),
};

interface Step {
  readonly tick: number;
  readonly code: string | null;
  readonly settings?: object;
}

const clock = new ManualClock();

/** A journal of Tumble that swaps as it is told. */
async function swapped(steps: readonly Step[], tickCount: number, everyTicks: number): Promise<Journal> {
  return readJournal(await swappedBytes(steps, tickCount, everyTicks), "swapped.orj");
}

async function swappedBytes(steps: readonly Step[], tickCount: number, everyTicks: number): Promise<Uint8Array> {
  const sink = new MemorySink();
  let recorder = recorderSubsystem(sink);
  let game = tumble;
  let engine = new Engine(game, { clock }, { seed: 7, subsystems: [recorder] });
  await engine.start();
  const taker = new KeyframeTaker({
    ...{ engine: () => engine, recorder: () => engine.of(recorder), compressor: plainCompressor(), everyTicks },
  });
  for (let tick = 1; tick <= tickCount; tick++) {
    engine.step();
    taker.afterFrame();
    const step = steps.find((known) => known.tick === tick);
    if (step === undefined) continue;
    game = step.code === null ? game : codes[step.code]!;
    // The journal goes over with the world; this sink stays empty.
    const next = recorderSubsystem(new MemorySink());
    const options = { seed: 7, subsystems: [next], settings: step.settings ?? {}, isSuccessor: true };
    const after = new Engine(game, successorPorts(engine, { clock }), options);
    const swap = new Swap(engine, after, game);
    await swap.allocate();
    swap.commit();
    after.of(next).swap(swap.payload(step.code === null ? null : { hash: step.code }));
    engine.dispose();
    engine = after;
    recorder = next;
  }
  taker.finish();
  engine.dispose();
  return sink.bytes();
}

function hostOf(journal: Journal): ReplayHost {
  return replayHost(journal, tumble, { findCode: async (hash) => codes[hash]! });
}

async function verified(journal: Journal, host: ReplayHost): Promise<number> {
  let ticks = 0;
  for (const part of journalParts(journal)) {
    const run = verifyJournal(journal, tumble, host, part);
    let step = await run.next();
    while (step.done !== true) step = await run.next();
    ticks += step.value.tickCount;
  }
  return ticks;
}

describe("a journal", () => {
  test("goes through three swaps of code", async () => {
    const steps = [
      { tick: 40, code: "faster" },
      { tick: 80, code: "more" },
      { tick: 120, code: "other" },
    ];
    const journal = await swapped(steps, 160, 1_000);
    expect(journal.swaps.map(({ tick, code }) => [tick, code?.hash])).toEqual([
      [40, "faster"],
      [80, "more"],
      [120, "other"],
    ]);
    expect(journal.end).toMatchObject({ reason: "stopped", tick: 160 });
    expect(await verified(journal, hostOf(journal))).toBe(160);
  });

  test("with keyframes between them, each part by itself", async () => {
    const steps = [
      { tick: 40, code: "faster" },
      { tick: 75, code: "more" },
      { tick: 110, code: "other" },
    ];
    const journal = await swapped(steps, 160, 30);
    expect(journal.keyframes.map(({ tick, swapCount }) => [tick, swapCount])).toEqual([
      [30, 0],
      [60, 1],
      [90, 2],
      [120, 3],
      [150, 3],
    ]);
    expect(await verified(journal, hostOf(journal))).toBe(160);
  });

  test("a swap right where a keyframe is due", async () => {
    const journal = await swapped([{ tick: 60, code: "more" }], 130, 60);
    expect(await verified(journal, hostOf(journal))).toBe(130);
  });

  test("whose settings changed needs no code", async () => {
    const journal = await swapped([{ tick: 30, code: null, settings: { disabled: ["swing-arms"] } }], 70, 1_000);
    expect(journal.programAt(31).settings).toEqual({ disabled: ["swing-arms"] });
    expect(await verified(journal, replayHost(journal, tumble))).toBe(70);
  });

  test("whose code is not to be had is replayed up to the swap, and that is told", async () => {
    const journal = await swapped([{ tick: 30, code: "faster" }], 50, 1_000);
    expect(await faultOfAsync(() => verified(journal, replayHost(journal, tumble)))).toMatchObject({
      kind: "swap-unreplayable",
      fields: { tick: 30, code: "faster" },
    });
  });

  test("that is replayed through another swap than the recorded one differs", async () => {
    const journal = await swapped([{ tick: 30, code: "faster" }], 50, 1_000);
    const host = replayHost(journal, tumble, { findCode: async () => tumble });
    expect(await faultOfAsync(() => verified(journal, host))).toMatchObject({ kind: "desync", fields: { tick: 31 } });
  });
});

describe("a swap that says something else, under checksums that hold,", () => {
  const steps = [{ tick: 40, code: "more" }];
  const changed = (bytes: Uint8Array, change: (swap: JournalSwap) => Partial<JournalSwap>): Journal => {
    const parts = partsOf(bytes).map(({ kind, payload }) => {
      if (kind !== blockKind.swap) return { kind, payload };
      const swap = decodeSwap(payload);
      return { kind, payload: encodeSwap({ ...swap, ...change(swap) }) };
    });
    return readJournal(framed(parts), "swapped.orj");
  };

  test("of its program is refused with both sides named, by a replay that goes through it and one that begins behind it", async () => {
    const bytes = await swappedBytes(steps, 80, 30);
    const own = readJournal(bytes, "swapped.orj").swaps[0]!.program;
    const cases: readonly (readonly [string, Partial<typeof own>, string, string])[] = [
      ["game", { game: "rumble" }, "rumble", "tumble"],
      ["plan", { planHash: "0123456789abcdef" }, "0123456789abcdef", own.planHash],
      ["schema", { schemaHash: "0123456789abcdef" }, "0123456789abcdef", own.schemaHash],
      ["tick rate", { tickRate: 61 }, "61", "60"],
      ["limit players", { limits: { ...own.limits, players: 63 } }, "63", String(own.limits.players)],
    ];
    for (const [field, program, journal, here] of cases) {
      const altered = changed(bytes, (swap) => ({ program: { ...swap.program, ...program } }));
      const fields = { path: "swapped.orj", tick: 40, field, journal, program: here };
      for (const part of journalParts(altered).slice(1)) {
        const run = verifyJournal(altered, tumble, hostOf(altered), part);
        expect(await faultOfAsync(() => run.next())).toMatchObject({ kind: "journal-mismatch", fields });
      }
    }
  });

  test("of its code or its spans is refused as well", async () => {
    const bytes = await swappedBytes(steps, 60, 1_000);
    const noCode = changed(bytes, () => ({ code: null }));
    expect(await faultOfAsync(() => verified(noCode, hostOf(noCode)))).toMatchObject({
      ...{ kind: "journal-mismatch", fields: { tick: 40, field: "schema" } },
    });
    const spans = changed(bytes, (swap) => ({ spans: swap.spans.map((name) => name.replace("Arm.", "Leg.")) }));
    expect(await faultOfAsync(() => verified(spans, hostOf(spans)))).toMatchObject({
      kind: "journal-mismatch",
      fields: { tick: 40, journal: "Leg.angle", program: "Arm.angle" },
    });
  });
});

describe("records of a journal with swaps on other code", () => {
  test("are compared with what is on record before and behind a swap to another list of spans", async () => {
    const journal = await swapped([{ tick: 40, code: "more" }], 80, 30);
    const [first, last] = [journal.spansAt(40), journal.spansAt(41)];
    expect(last.filter((name) => !first.includes(name))).toEqual(["Spare.mark"]);
    const host = { ...hostOf(journal), isOtherCode: true };
    for (const [game, swapTick] of [
      [tumble, 40],
      [codes["more"]!, 0],
    ] as const) {
      const { divergence, lastTick, left, programs } = await firstDivergence(journal, game, host, () => {});
      expect([divergence, lastTick, left.alone]).toEqual([undefined, 80, ["Spare.mark"]]);
      expect(programs).toMatchObject([{ field: "schema", tick: swapTick }]);
    }
  });

  test("part where it behaves otherwise, behind the swap too", async () => {
    const journal = await swapped([{ tick: 40, code: "more" }], 80, 1_000);
    const late = alsoRunning("swing-arms", ({ tick, columns, entities }) => {
      if (tick === 60) columns.Arm.angle[entities[0]!] = 1;
    });
    const host = { ...hostOf(journal), isOtherCode: true };
    const { divergence } = await firstDivergence(journal, late, host, () => {});
    expect(divergence).toMatchObject({ tick: 60, span: "Arm.angle" });
  });
});
