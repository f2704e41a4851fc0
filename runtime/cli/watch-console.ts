/**
 * Watches from the command line: the option, and the lines of standard input that switch watches on and off while the
 * world runs. Standard input is read only where the option is given, and never keeps the process alive.
 */
import { createInterface } from "node:readline";
import { Option } from "commander";
import { readWatchPlace } from "../../engine/audit/watch-place.ts";
import { fieldNames } from "../../engine/ecs/component.ts";
import { type Game, jobProgram } from "../../engine/game.ts";
import { WatchHost } from "../world/watch-host.ts";
import type { Terminal } from "./terminal.ts";

/** Begins with no watch, for whoever switches them on later. */
const none = "none";

export function watchValueOption(): Option {
  return new Option(
    "--watch-value <place>",
    `print each change of a field, such as Velocity.x:512, or of a column, such as Velocity.x; may be given several times, "${none}" begins with none; lines "watch <place>" and "unwatch <place>" on standard input change it`,
  ).argParser((text: string, earlier: readonly string[] | undefined) => [...(earlier ?? []), ...text.split(",")]);
}

/** Raises "usage" for a place that the game's definitions do not have. */
export function checkWatches(game: Game, places: readonly string[] = []): void {
  const asked = wished(places);
  if (asked.length === 0) return;
  const { schema, limits } = jobProgram(game);
  const columns = schema.components.flatMap((one) => fieldNames(one).map((field) => `${one.name}.${field}`));
  for (const place of asked) readWatchPlace(place, columns, limits.entities);
}

function wished(places: readonly string[]): string[] {
  return places.filter((place) => place !== none && place !== "");
}

/** The watches that `places` ask for, with their console; undefined when none were asked for. */
export function openWatches(places: readonly string[] | undefined, terminal: Terminal): WatchHost | undefined {
  if (places === undefined) return undefined;
  const host = new WatchHost(wished(places), (line) => terminal.note(line));
  const lines = createInterface({ input: process.stdin, terminal: false });
  lines.on("line", (line) => host.obey(line));
  (process.stdin as { unref?: () => void }).unref?.();
  return host;
}
