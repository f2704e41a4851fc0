/** `play` from a folder of assets, by command: what is wrong with a folder, a file or a rate is said, and the world goes on. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Journal, readJournal } from "../../engine/replay/journal.ts";
import { resourceNumbers } from "../../engine/streaming/definition.ts";
import { resources } from "../../game/resources.ts";
import { writeManifest } from "../../runtime/assets/manifest-file.ts";
import { encodeTexture } from "../../runtime/drivers/web/resource-codec.ts";
import { command, faultIdOf, messageOf, newPath, RunningCommand } from "./command.ts";

const file = "deck-plates.texture";
const texture = resourceNumbers(resources, [{ name: "deck-plates" }]).length - 1;

/** A folder with a small texture of the name that Scrapyard's deck has. */
function newFolder(): string {
  const folder = newPath("assets");
  mkdirSync(folder);
  const texels = new Uint8Array(64 * 64 * 4).fill(200);
  writeFileSync(join(folder, file), encodeTexture({ width: 64, height: 64, texels }));
  expect(writeManifest(folder)).toEqual({ added: ["deck-plates"], changed: [] });
  return folder;
}

interface Played {
  readonly printed: string;
  readonly journal: Journal;
}

/** Plays Scrapyard until its journal holds what is enough and `text` was printed, and verifies the journal. */
async function play(args: readonly string[], isEnough: (journal: Journal) => boolean, text: RegExp): Promise<Played> {
  const path = newPath("play.orj");
  const options = { main: "scrapyard" } as const;
  const game = new RunningCommand(["play", "--no-open", "--port", "0", "--record", path, ...args], options);
  await game.printed(text);
  await game.until(() => {
    try {
      return isEnough(readJournal(readFileSync(path), path));
    } catch {
      return false;
    }
  });
  game.signal("SIGINT");
  const { code, stderr, stdout } = await game.finished;
  expect(code, stderr).toBe(130);
  const verified = await command(["replay", "verify", path], options);
  expect(verified.code, verified.stderr).toBe(0);
  return { printed: stdout + stderr, journal: readJournal(readFileSync(path), path) };
}

const hasTicks =
  (count: number) =>
  ({ ticks }: Journal): boolean =>
    ticks.length >= count;

/** However late a slow machine publishes: two seconds follow, in which a second publication would come. */
function hasPublished({ ticks }: Journal): boolean {
  const at = ticks.findIndex((tick) => versionsIn(tick).length > 0);
  return at >= 0 && ticks.length > at + 120;
}

/** Versions of the texture that are published in a tick. */
function versionsIn({ records }: Journal["ticks"][number]): number[] {
  return records.flatMap((one) => (one.kind === "publish" && one.resource === texture ? [one.version] : []));
}

/** Versions of the texture that were published. */
const versions = ({ journal }: Played): number[] => journal.ticks.flatMap(versionsIn);

const attemptsIn = ({ printed }: Played): string[] =>
  printed.split("\n").flatMap((line) => /^E080[23].*attempt \d of \d/.exec(line) ?? []);

describe("a folder of assets", () => {
  test("is streamed and published once", async () => {
    const played = await play(["--assets", newFolder()], hasPublished, /plays at/);
    expect(versions(played)).toEqual([1]);
    expect(attemptsIn(played)).toEqual([]);
  });

  test("whose source always fails is tried five times, and the world goes on with the fallback", async () => {
    const args = ["--assets", newFolder(), "--source-failures", "100%", "--seed", "4"];
    const played = await play(args, hasTicks(200), /attempt 5 of 5/);
    expect(versions(played)).toEqual([]);
    expect(attemptsIn(played).map((line) => /attempt (\d)/.exec(line)![1])).toEqual(["1", "2", "3", "4", "5"]);
    expect(played.printed).toMatch(/E0802 .*deck-plates.texture broke off after \d+ bytes/);
    expect(played.printed).toMatch(/E0803 deck-plates.texture .* is not what the manifest says: \d+ bytes/);
  });

  test.each([
    ["is longer than the manifest says", (bytes: Buffer) => Buffer.concat([bytes, Buffer.from("more")])],
    ["is shorter", (bytes: Buffer) => bytes.subarray(0, -1)],
    [
      "has another byte",
      (bytes: Buffer) => {
        bytes[1_000]! ^= 1;
        return bytes;
      },
    ],
  ])("whose file %s never reaches the screen", async (_, change) => {
    const folder = newFolder();
    writeFileSync(join(folder, file), change(readFileSync(join(folder, file))));
    const played = await play(["--assets", folder], hasTicks(60), /attempt 5 of 5/);
    expect(versions(played)).toEqual([]);
    expect(attemptsIn(played).length).toBe(5);
    for (const line of attemptsIn(played)) expect(line).toMatch(/^E0803 /);
  });
});

describe("is refused before the world begins:", () => {
  const refused = async (args: readonly string[]) => {
    const result = await command(["play", "--no-open", "--port", "0", "--json", ...args], { main: "scrapyard" });
    return { code: result.code, id: faultIdOf(result), text: messageOf(result) };
  };

  test("a folder without a manifest", async () => {
    const folder = newPath("empty");
    mkdirSync(folder);
    const { code, id, text } = await refused(["--assets", folder]);
    expect([code, id]).toEqual([1, "E0602"]);
    expect(text).toContain(join(folder, "manifest.json"));
  });

  test("a manifest that is none, with the place", async () => {
    const folder = newFolder();
    const path = join(folder, "manifest.json");
    writeFileSync(path, readFileSync(path, "utf8").replace('"byteLength":16400', '"byteLength":-1'));
    const { code, id, text } = await refused(["--assets", folder]);
    expect([code, id]).toEqual([1, "E0801"]);
    expect(text).toContain(`${path}, at $.assets[0].byteLength: it is -1`);
  });

  test("a rate or a chance that is none", async () => {
    for (const [args, value] of [
      [["--source-rate", "fast"], "fast"],
      [["--source-rate", "0"], "0"],
      [["--source-failures", "120%"], "120%"],
      [["--source-failures", "-1"], "-1"],
    ] as const) {
      const { code, text } = await refused(args);
      expect([code, text.includes(`${args[0]} ${value}`)], `${args.join(" ")}: ${text}`).toEqual([2, true]);
    }
  });
});
