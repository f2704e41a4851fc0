/** A watched configuration file, edited as editors do it: what is handed on, what is refused, what changes nothing. */
import { mkdtempSync, renameSync, rmSync, truncateSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { faultText } from "../../../engine/base/faults.ts";
import type { Game } from "../../../engine/game.ts";
import { settingsText } from "../../../engine/sim/plan-settings.ts";
import { openConfig } from "../../../runtime/config/config-file.ts";
import { ConfigWatch } from "../../../runtime/config/config-watch.ts";
import { tumble } from "../../games/tumble.ts";
import { faultOfAsync } from "../small-world.ts";

const folder = mkdtempSync(join(tmpdir(), "orrery-config-"));
let count = 0;
const newPath = (): string => join(folder, `${++count}.toml`);
const watches: ConfigWatch[] = [];
afterEach(() => {
  for (const watch of watches.splice(0)) watch.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const configured = { game: tumble };

/** What a watch said, in order, and a wait for its next word. */
class Said {
  readonly words: string[] = [];
  #wake: () => void = () => {};
  say(word: string): void {
    this.words.push(word);
    this.#wake();
  }
  async until(length: number): Promise<readonly string[]> {
    while (this.words.length < length)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    return this.words;
  }
}

async function watched(path: string): Promise<Said> {
  const said = new Said();
  const opened = { ...(await openConfig(configured, undefined)), ...(await openOrNone(path)) };
  watches.push(
    new ConfigWatch({
      configured,
      opened,
      accepted: (settings) => said.say(settingsText(settings)),
      refused: (fault) => said.say(faultText(fault).replaceAll(path, "PATH")),
    }),
  );
  return said;
}

async function openOrNone(path: string) {
  const opened = await openConfig(configured, path).catch(() => undefined);
  return opened ?? { path, text: undefined, settings: {} };
}

describe("an edit", () => {
  test("is handed on, a mistake is refused, and the next that is right is handed on again", async () => {
    const path = newPath();
    writeFileSync(path, "[tick]\nrate = 30\n");
    const said = await watched(path);
    writeFileSync(path, "[tick]\nrate = 20\n");
    await said.until(1);
    writeFileSync(path, "[tick]\nrate = 2000\n");
    await said.until(2);
    writeFileSync(path, "[tick\n");
    await said.until(3);
    writeFileSync(path, '[systems]\ndisabled = ["rain-crates"]\n');
    expect(await said.until(4)).toEqual([
      '{"tick":{"rate":20}}',
      "PATH:2:8: tick.rate is 2000.",
      expect.stringMatching(/^PATH:1:6: it is not TOML: /),
      '{"disabled":["rain-crates"]}',
    ]);
  });

  test("by a file that takes the place of the old one, or that was not there before, is seen", async () => {
    const path = newPath();
    const said = await watched(path);
    writeFileSync(`${path}.new`, "[tick]\nrate = 20\n");
    renameSync(`${path}.new`, path);
    await said.until(1);
    unlinkSync(path);
    writeFileSync(path, "[tick]\nrate = 10\n");
    expect(await said.until(2)).toEqual(['{"tick":{"rate":20}}', '{"tick":{"rate":10}}']);
  });

  test("that means the same, a file that is gone, and one between two steps change nothing", async () => {
    const path = newPath();
    writeFileSync(path, "[tick]\nrate = 30\n");
    const said = await watched(path);
    writeFileSync(path, "# the same\ntick.rate = 30\n");
    await new Promise((resolve) => setTimeout(resolve, 200));
    truncateSync(path);
    writeFileSync(path, "tick.rate = 30");
    unlinkSync(path);
    await new Promise((resolve) => setTimeout(resolve, 200));
    writeFileSync(path, "tick.rate = 15\n");
    expect(await said.until(1)).toEqual(['{"tick":{"rate":15}}']);
  });

  test("that is no text is refused once", async () => {
    const path = newPath();
    writeFileSync(path, "");
    const said = await watched(path);
    writeFileSync(path, Uint8Array.of(0xff, 0xfe, 0x00));
    await said.until(1);
    writeFileSync(path, "tick.rate = 15\n");
    expect(await said.until(2)).toEqual(["PATH:1:1: it is not UTF-8.", '{"tick":{"rate":15}}']);
  });
});

describe("of several games", () => {
  const lifted = { ...tumble, systems: tumble.systems.filter(({ name }) => name !== "rain-crates") };

  test("the first that allows an edit counts; what was refused is right once another runs, and no news where it is not", async () => {
    const path = newPath();
    writeFileSync(path, "");
    const said = new Said();
    let games: readonly Game[] = [lifted];
    const watch = new ConfigWatch({
      configured,
      opened: await openOrNone(path),
      games: async () => games,
      accepted: (settings, isFirst) => said.say(`${isFirst} ${settingsText(settings)}`),
      refused: (fault) => said.say(faultText(fault).replaceAll(path, "PATH")),
    });
    watches.push(watch);
    writeFileSync(path, 'systems.disabled = ["rain-crates"]\n');
    await said.until(1);
    watch.reconsider();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(said.words.length).toBe(1);
    games = [lifted, tumble];
    watch.reconsider();
    await said.until(2);
    // In force: nothing is left to be said.
    watch.reconsider();
    await new Promise((resolve) => setTimeout(resolve, 100));
    // It was not let in after all.
    watch.settingsAre({});
    games = [tumble, lifted];
    watch.reconsider();
    await said.until(3);
    writeFileSync(path, "tick.rate = 15\n");
    expect(await said.until(4)).toEqual([
      expect.stringMatching(/^PATH:1:\d+: there is no system "rain-crates"\.$/),
      'false {"disabled":["rain-crates"]}',
      'true {"disabled":["rain-crates"]}',
      'true {"tick":{"rate":15}}',
    ]);
  });
});

describe("opening", () => {
  test("a named file must be there and right", async () => {
    expect(await faultOfAsync(() => openConfig(configured, join(folder, "none.toml")))).toMatchObject({
      kind: "file-missing",
      fields: { purpose: "the configuration" },
    });
    const path = newPath();
    writeFileSync(path, new Uint8Array(1_048_577).fill(0x20));
    const { kind, fields } = await faultOfAsync(() => openConfig(configured, path));
    expect([kind, fields]).toEqual([
      "config-file",
      {
        path,
        problem: `${path}:1:1: it has 1048577 bytes.`,
        remedy: "A configuration has at most 1048576.",
        mistakes: [
          { line: 1, column: 1, problem: "it has 1048577 bytes", remedy: "A configuration has at most 1048576." },
        ],
      },
    ]);
  });
});
