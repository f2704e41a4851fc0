/** What commands print controls nothing: text from files comes with its control characters written out. */
import { afterEach, expect, test, vi } from "vitest";
import { makeFault } from "../../../engine/base/faults.ts";
import { Terminal, tableText } from "../../../runtime/cli/terminal.ts";

afterEach(() => void vi.restoreAllMocks());

/** Standard output and error of what `act` prints. */
function printed(act: (terminal: Terminal) => void): [out: string, err: string] {
  const texts: [string, string] = ["", ""];
  for (const [at, stream] of [process.stdout, process.stderr].entries())
    vi.spyOn(stream, "write").mockImplementation((text) => {
      texts[at] += String(text);
      return true;
    });
  act(new Terminal(false));
  return texts;
}

const esc = "\u001b";

test("lines, notes and faults", () => {
  expect(printed((terminal) => terminal.line(`a${esc}[2Jb`))).toEqual(["a\\u001b[2Jb\n", ""]);
  expect(printed((terminal) => terminal.note(`a${esc}]0;x\u0007\nb\tc`))).toEqual(["", "a\\u001b]0;x\\u0007\nb\tc\n"]);
  const fault = makeFault("journal-mismatch", {
    ...{ path: "x.orj", field: "game", journal: `a${esc}[31m`, program: "b" },
  });
  const [, told] = printed((terminal) => terminal.report(fault));
  expect(told).toContain("was recorded with game a\\u001b[31m, this program has b.");
});

test("a cell of a table stays in its line", () => {
  expect(
    tableText([
      ["span", "us"],
      [`a\nb${esc}[A`, "1"],
    ]),
  ).toEqual(["span              us", "a\\u000ab\\u001b[A  1"]);
});

test("the stack of a fault says nothing that it has not said itself", () => {
  expect(printed((terminal) => terminal.stack("FaultError: E0104 two\n    at x.ts:1:1"))).toEqual(["", ""]);
  expect(printed((terminal) => terminal.stack(""))).toEqual(["", ""]);
  expect(printed((terminal) => terminal.stack("Error: own\n    at x.ts:1:1"))[1]).toContain("at x.ts:1:1");
});
