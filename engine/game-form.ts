/**
 * The form of a game: that what JavaScript, a cast or a circle of imports may leave out is there and of its kind. Given
 * anything that calls itself a game; hands nothing on. Whether the parts fit together is for the compiler of programs.
 */
import { raise } from "./base/faults.ts";
import { printable } from "./base/wording.ts";

/** Lists of a game, and whether every game has them. */
const lists = [
  ["components", true],
  ["systems", true],
  ["events", false],
  ["jobs", false],
  ["pipelines", false],
  ["resources", false],
  ["subsystems", false],
  ["migrations", false],
] as const;
const objects = ["limits", "controls", "config", "physics", "view", "budget"] as const;

/** Raises "bad-definition" for the first entry of `game` that is missing or of a wrong kind; names game and entry. */
export function checkGameForm(game: unknown): void {
  const given = (isObject(game) ? game : {}) as Readonly<Record<string, unknown>>;
  const id = given["id"];
  const name = typeof id === "string" ? printable(id) : "";
  const refuse = (problem: string, remedy: string): never =>
    raise("bad-definition", { what: "game", name, problem, remedy });
  const wrong = (entry: string, wanted: string, value: unknown): never =>
    value === undefined
      ? refuse(`it has no \`${entry}\``, `Give the game \`${entry}\`, ${wanted}.`)
      : refuse(`its \`${entry}\` is ${kindOf(value)}`, `Make \`${entry}\` ${wanted}.`);

  if (!isObject(game))
    refuse(`it is ${kindOf(game)}`, "Give an object with id, tickRate, components, systems and setup.");
  if (typeof id !== "string") wrong("id", "a line of text, which names files and journals", id);
  if (typeof given["tickRate"] !== "number")
    wrong("tickRate", "a whole number of ticks a second from 1 to 1,000", given["tickRate"]);
  for (const [entry, isNeeded] of lists) {
    const list = given[entry];
    if (list === undefined && !isNeeded) continue;
    if (!Array.isArray(list)) wrong(entry, "a list, which may be empty", list);
    for (const [at, item] of (list as readonly unknown[]).entries())
      if (!isObject(item))
        refuse(
          `\`${entry}[${at}]\` is ${kindOf(item)}`,
          "List definitions only. One that is imported in a circle is undefined while its module loads.",
        );
  }
  for (const [at, system] of (given["systems"] as readonly Readonly<Record<string, unknown>>[]).entries())
    for (const [entry, kind] of [
      ["name", "string"],
      ["phase", "string"],
      ["run", "function"],
    ] as const)
      if (typeof system[entry] !== kind)
        refuse(
          `\`systems[${at}].${entry}\` is ${kindOf(system[entry])}`,
          "Define it with defineSystem: a system has a name, a phase and a function `run`.",
        );
  if (typeof given["setup"] !== "function")
    wrong("setup", "a function that stages what the world begins with, and may do nothing", given["setup"]);
  for (const entry of objects)
    if (given[entry] !== undefined && !isObject(given[entry])) wrong(entry, "an object, or leave it out", given[entry]);
  const { drops = [], assets = "" } = given;
  if (!Array.isArray(drops) || drops.some((drop) => typeof drop !== "string"))
    wrong("drops", "a list of names of components", drops);
  if (typeof assets !== "string") wrong("assets", "the path of a manifest", assets);
}

/** Definitions are objects; nothing speaks against functions that carry their fields. */
function isObject(value: unknown): boolean {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

/** What a value is, in words that are no value of anybody: "undefined", "null", "a number", "a list", "an object". */
function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
