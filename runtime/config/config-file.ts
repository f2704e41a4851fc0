/**
 * The configuration file: orrery.toml beside the game's main file, or the one that was named. Given a game, it hands on the
 * text of its file and the settings in it.
 *
 * The rule a reader could break: what reads TOML is loaded only where there is a text, because most runs have none and a
 * game's start-up time counts.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { raise } from "../../engine/base/faults.ts";
import type { Game } from "../../engine/game.ts";
import type { PlanSettings } from "../../engine/sim/plan-settings.ts";
import { packagedProgram } from "../host/program.ts";
import { entryUrl } from "../host/project.ts";

export const configName = "orrery.toml";
const bytesMax = 1_048_576;

/** A game, and where its assets come from when that is not where the game says. */
export interface ConfiguredGame {
  readonly game: Game;
  readonly assetsFolder?: string | undefined;
}

/** A file that was looked for when a run began. */
export interface OpenedConfig {
  /** As it is told to people: relative to the current folder where that is shorter. */
  readonly path: string;
  /** Undefined when there is no such file, which is fine for the one that nobody named. */
  readonly text: string | undefined;
  readonly settings: PlanSettings;
}

/** Reads the file `named`, or the game's own if there is one. Raises "file-missing" and "config-file". */
export async function openConfig(configured: ConfiguredGame, named: string | undefined): Promise<OpenedConfig> {
  const path = named ?? defaultPath();
  const text = readConfigText(path);
  if (text !== undefined) return { path, text, settings: await parseConfig(path, text, configured) };
  if (named !== undefined || existsSync(path)) raise("file-missing", { path, purpose: "the configuration" });
  return { path, text: undefined, settings: {} };
}

/** The text of a file; undefined when there is none that can be read. Raises "config-file" for one that is no text. */
export function readConfigText(path: string): string | undefined {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch {
    return undefined;
  }
  if (bytes.length > bytesMax)
    return refuseWhole(path, `it has ${bytes.length} bytes`, `A configuration has at most ${bytesMax}.`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return refuseWhole(path, "it is not UTF-8", "Save it as UTF-8 text.");
  }
}

/** The settings in `text`, in their canonical form. Raises "config-file" with all mistakes. */
export async function parseConfig(path: string, text: string, configured: ConfiguredGame): Promise<PlanSettings> {
  const { settingsInText } = await import("./config-text.ts");
  return settingsInText(path, text, configured);
}

function refuseWhole(path: string, problem: string, remedy: string): never {
  const mistakes = [{ line: 1, column: 1, problem, remedy }];
  return raise("config-file", { path, problem: `${path}:1:1: ${problem}.`, remedy, mistakes });
}

function defaultPath(): string {
  const folder = packagedProgram() === undefined ? dirname(fileURLToPath(entryUrl())) : dirname(process.execPath);
  const path = join(folder, configName);
  const short = relative(process.cwd(), path);
  return short.length < path.length ? short : path;
}
