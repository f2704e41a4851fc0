/** What the world is asked for, one at a time, and in which words the answers are told. */
import { describe, expect, test } from "vitest";
import { makeFault } from "../../../engine/base/faults.ts";
import type { DriverNotice } from "../../../engine/render/driver.ts";
import { type Code, codeOf } from "../../../runtime/hot/code.ts";
import { noticeOf, refusalOf } from "../../../runtime/hot/news-text.ts";
import { SwapDesk } from "../../../runtime/hot/swap-desk.ts";
import type { SwapNews, SwapRequest } from "../../../runtime/hot/swapper.ts";
import { tumble } from "../../games/tumble.ts";

const [base, one, two] = ["base", "one", "two"].map((text) => codeOf(text, "")) as [Code, Code, Code];
const settings = { tick: { rate: 30 } };
const refused: SwapNews = {
  kind: "swap-refused",
  fault: makeFault("swap-unloadable", { problem: "p", place: "" }),
  settings,
};
const swapped = (code: string, isRestart = false): SwapNews => ({
  ...{ kind: "swapped", tick: 7, code, settings, report: [], totalMicros: 1_000, commitMicros: 100, isRestart },
});
const undone = (code: string): SwapNews => ({
  ...{ kind: "swap-undone", code, settings },
  fault: makeFault("swap-undone", { tick: 5, failedTick: 6, problem: "p" }),
});

function deskOf(): { desk: SwapDesk; asked: SwapRequest[]; told: string[] } {
  const asked: SwapRequest[] = [];
  const told: string[] = [];
  const desk = new SwapDesk({
    ...{ game: tumble, code: base, drivers: [], journalPath: undefined, resources: () => [] },
    speaks: () => {},
    ask: (request) => asked.push(request),
    onSwap: (news) => told.push(noticeOf(news).heading),
  });
  return { desk, asked, told };
}

describe("asking", () => {
  test("for code that runs asks for nothing, also after a refusal and after code was taken back", async () => {
    const { desk, asked } = deskOf();
    expect(desk.ask({ code: base })).toBe(false);
    expect(desk.ask({ code: one })).toBe(true);
    await desk.tell(refused);
    expect(desk.ask({ code: base })).toBe(false);
    expect(desk.ask({ code: one })).toBe(true);
    await desk.tell(swapped(one.hash));
    expect(desk.ask({ code: one })).toBe(false);
    await desk.tell(undone(""));
    expect(desk.ask({ code: base })).toBe(false);
    expect(desk.ask({ code: one })).toBe(true);
    expect(asked).toEqual([{ code: one }, { code: one }, { code: one }]);
  });

  test("while an answer is awaited waits, and the newest of each kind is asked for then", async () => {
    const { desk, asked } = deskOf();
    desk.ask({ code: one });
    expect(desk.ask({ code: base })).toBe(true);
    desk.ask({ settings });
    desk.ask({ code: two });
    expect(asked).toEqual([{ code: one }]);
    await desk.tell(swapped(one.hash));
    expect(asked.slice(1)).toEqual([{ settings, code: two }]);
    desk.ask({ code: two });
    await desk.tell(swapped(two.hash));
    expect(asked.length).toBe(2);
  });

  test("for what runs, behind something that came to be refused, asks for nothing", async () => {
    const { desk, asked } = deskOf();
    desk.ask({ code: one });
    desk.ask({ code: base });
    await desk.tell(refused);
    expect(asked).toEqual([{ code: one }]);
  });

  test("is done again of the thread behind a restart, when the one before has not answered", async () => {
    const { desk, asked } = deskOf();
    desk.ask({ settings });
    await desk.tell(swapped(one.hash, true));
    expect(asked).toEqual([{ settings }, { settings }]);
  });
});

describe("an answer is told by what was asked for", () => {
  test("code, settings, or both", async () => {
    const { desk, told } = deskOf();
    desk.ask({ code: one });
    await desk.tell(swapped(one.hash));
    desk.ask({ settings });
    await desk.tell(refused);
    desk.ask({ code: two });
    desk.ask({ code: base });
    desk.ask({ settings });
    await desk.tell(refused);
    await desk.tell(swapped(base.hash));
    await desk.tell(undone(one.hash));
    expect(told).toEqual([
      "New code since tick 7",
      "The new settings were refused",
      "The new code was refused",
      "New code and settings since tick 7",
      "The new code and settings were taken back",
    ]);
  });

  test("a file of settings that was refused before it came to the world is no code", () => {
    const fault = makeFault("config-file", { path: "orrery.toml", problem: "p", remedy: "r", mistakes: [] });
    const shown: DriverNotice[] = [];
    const desk = new SwapDesk({
      ...{ game: tumble, code: base, journalPath: undefined, resources: () => [], ask: () => {}, speaks: () => {} },
      drivers: [{ notice: (notice: DriverNotice) => shown.push(notice) } as never],
    });
    desk.refuse(fault);
    desk.ask({ code: base });
    expect(shown.map(({ tone, heading }) => `${tone}: ${heading}`)).toEqual([
      "refused: The new settings were refused",
      "changed: The world runs this code",
    ]);
    expect(refusalOf(makeFault("swap-unloadable", { problem: "p", place: "" })).heading).toBe(
      "The new code was refused",
    );
  });
});
