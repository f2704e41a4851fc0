/**
 * The text of a configuration file against a game: given both, it hands on the settings, or every mistake at once, each with
 * line and column.
 *
 * The rule a reader could break: settings leave here only when the game's plan allows all of them.
 */
import { parse, TomlError } from "smol-toml";
import { nameAdvice } from "../../engine/base/closest-name.ts";
import type { ConfigMistake } from "../../engine/base/fault-catalog/settings.ts";
import { raise } from "../../engine/base/faults.ts";
import { type Game, gameSubsystems } from "../../engine/game.ts";
import { canonicalSettings, type PlanSettings, type SettingsProblem } from "../../engine/sim/plan-settings.ts";
import { planSettingsProblems } from "../../engine/sim/program.ts";
import { readManifest } from "../world/asset-host.ts";
import type { ConfiguredGame } from "./config-file.ts";
import { filePathOf, settingsOf } from "./config-schema.ts";
import { tomlPlaces } from "./toml-places.ts";

/** The settings in `text`, in their canonical form. Raises "config-file" with all mistakes. */
export async function settingsInText(path: string, text: string, configured: ConfiguredGame): Promise<PlanSettings> {
  let read: unknown;
  try {
    read = parse(text, { unsafeKeyBehaviour: "throw" });
  } catch (thrown) {
    if (!(thrown instanceof TomlError)) throw thrown;
    return refuseConfig(path, [syntaxMistake(thrown)]);
  }
  const { settings, problems: formal } = settingsOf(read);
  const isNew = ({ path }: SettingsProblem): boolean =>
    !formal.some((known) => known.path.every((key, at) => path[at] === key));
  const problems = [
    ...formal,
    ...groundProblems(settings, configured)
      .map((problem) => ({ ...problem, path: filePathOf(problem.path) }))
      .filter(isNew),
  ];
  if (problems.length === 0) return canonicalSettings(settings);
  const place = await tomlPlaces(text);
  const mistakes = problems.map(({ path: at, problem, remedy }) => ({
    ...place(at, /^there is no (?:section|key|resource)/.test(problem) ? "key" : "value"),
    problem,
    remedy,
  }));
  return refuseConfig(
    path,
    mistakes.toSorted((a, b) => a.line - b.line || a.column - b.column),
  );
}

/** What the plan of the game and its resources do not allow. */
function groundProblems(settings: PlanSettings, { game, assetsFolder }: ConfiguredGame): readonly SettingsProblem[] {
  return [
    ...planSettingsProblems(game, gameSubsystems(game), settings),
    ...priorityProblems(settings, game, assetsFolder),
  ];
}

function priorityProblems({ priorities = {} }: PlanSettings, game: Game, folder: string | undefined) {
  const own = (game.resources ?? []).map(({ name }) => name);
  const others = Object.keys(priorities).filter((name) => !own.includes(name));
  if (others.length === 0) return [];
  const known = [...own, ...readManifest(game, folder).assets.map(({ name }) => name)];
  return others
    .filter((name) => !known.includes(name))
    .map((name) => ({
      path: ["priorities", name],
      problem: `there is no resource or asset "${name}"`,
      remedy: nameAdvice(name, known),
    }));
}

function syntaxMistake({ message, line, column }: TomlError): ConfigMistake {
  const [first = ""] = message.split("\n");
  const problem = first.replace(/^Invalid TOML document: /, "").replace(/\.$/, "");
  const remedy = "Correct the TOML there; strings stand in quotes, and each section and key once.";
  return { line, column, problem: `it is not TOML: ${problem}`, remedy };
}

function refuseConfig(path: string, mistakes: readonly ConfigMistake[]): never {
  const line = ({ line, column, problem }: ConfigMistake): string => `${path}:${line}:${column}: ${problem}.`;
  const [first, ...others] = mistakes as [ConfigMistake, ...ConfigMistake[]];
  if (others.length === 0) return raise("config-file", { path, problem: line(first), remedy: first.remedy, mistakes });
  const all = mistakes.map((mistake) => `      ${line(mistake)} ${mistake.remedy}`);
  const problem = `${path} has ${mistakes.length} mistakes:\n${all.join("\n")}`;
  return raise("config-file", { path, problem, remedy: "Mend each where it stands.", mistakes });
}
