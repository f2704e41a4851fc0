/**
 * Wishes about a plan: which systems an operator wants before which, and which are left out. Given the declared
 * predecessors of each system, it hands on those of the systems that are left, or every wish that cannot be.
 *
 * The rule a reader could break: a declared order is never given up. Two systems that touch the same data have one, or
 * no plan is built; what a left-out system stood between keeps its order.
 */
import { nameAdvice } from "../base/closest-name.ts";
import type { PlanSettings, SettingsProblem } from "./plan-settings.ts";
import type { AnySystem } from "./system.ts";

/** For each system, the names that must come before it directly. */
export type Predecessors = ReadonlyMap<string, ReadonlySet<string>>;

/** What wishes are held against. */
export interface WishGround {
  /** All systems by name, in the order of their names. */
  readonly systems: ReadonlyMap<string, AnySystem>;
  /** Declared predecessors of all of them. */
  readonly declared: Predecessors;
  /** Names of subsystems by the systems that they bring. */
  readonly owners: ReadonlyMap<string, string>;
  /** What two systems both touch and at least one writes. */
  shared(first: AnySystem, second: AnySystem): string | undefined;
}

/** Every wish that cannot be, in the order of the settings. */
export function wishProblems(settings: PlanSettings, ground: WishGround): SettingsProblem[] {
  return [...disabledProblems(settings, ground), ...gatherWishes(settings, ground).problems];
}

/** Predecessors of the systems that are left, with the wishes that can be. */
export function wishedPredecessors(settings: PlanSettings, ground: WishGround): Predecessors {
  const disabled = new Set(settings.disabled);
  const all = gatherWishes(settings, ground).predecessors;
  const left = new Map<string, Set<string>>();
  for (const name of ground.systems.keys()) {
    if (disabled.has(name)) continue;
    const direct = new Set<string>();
    const seen = new Set<string>();
    // What is left out hands its own predecessors on.
    const take = (names: ReadonlySet<string>): void => {
      for (const before of names) {
        if (seen.has(before)) continue;
        seen.add(before);
        if (disabled.has(before)) take(all.get(before)!);
        else direct.add(before);
      }
    };
    take(all.get(name)!);
    left.set(name, direct);
  }
  return left;
}

function disabledProblems({ disabled = [] }: PlanSettings, { systems, owners }: WishGround): SettingsProblem[] {
  return disabled.flatMap((name, at) => {
    const path = ["disabled", at];
    if (!systems.has(name)) return [unknownSystem(path, name, systems)];
    const owner = owners.get(name);
    if (owner === undefined) return [];
    return [
      {
        path,
        problem: `the system "${name}" belongs to the subsystem "${owner}" and cannot be disabled`,
        remedy: "Systems of the game can be; a subsystem's are part of how the engine works.",
      },
    ];
  });
}

/** The declared predecessors with those wishes that can be, and a problem for each of the others. */
function gatherWishes(
  { order = [] }: PlanSettings,
  ground: WishGround,
): { predecessors: Map<string, Set<string>>; problems: SettingsProblem[] } {
  const { systems, declared } = ground;
  const predecessors = new Map([...declared].map(([name, before]) => [name, new Set(before)]));
  const problems: SettingsProblem[] = [];
  order.forEach((list, at) => {
    if (list.length < 2)
      problems.push({
        path: ["order", at],
        problem: `it names ${list.length === 0 ? "no system" : "one system only"}`,
        remedy: 'Name at least two systems, such as ["first", "second"].',
      });
    let earlier: { readonly name: string; readonly system: AnySystem } | undefined;
    list.forEach((name, place) => {
      const path = ["order", at, place];
      const system = systems.get(name);
      if (system === undefined) {
        problems.push(unknownSystem(path, name, systems));
        return;
      }
      const before = earlier;
      earlier = { name, system };
      if (before === undefined) return;
      const problem = wishProblem(before.system, system, predecessors, ground);
      if (problem === undefined) predecessors.get(name)!.add(before.name);
      else problems.push({ path, ...problem });
    });
  });
  return { predecessors, problems };
}

/** Why `first` cannot run before `second`, if it cannot. */
function wishProblem(
  first: AnySystem,
  second: AnySystem,
  predecessors: Predecessors,
  ground: WishGround,
): Omit<SettingsProblem, "path"> | undefined {
  const wish = `"${first.name}" before "${second.name}"`;
  if (first.name === second.name)
    return { problem: `it wishes for "${first.name}" before itself`, remedy: "Name each system once." };
  if (first.phase !== second.phase)
    return {
      problem: `it wishes for ${wish}, but the one is of phase "${first.phase}" and the other of phase "${second.phase}"`,
      remedy: "Phases have a fixed order; name systems of one phase.",
    };
  const chain = chainBetween(second.name, first.name, predecessors);
  if (chain === undefined) return undefined;
  return {
    problem: `it wishes for ${wish}, but ${chainText(chain, ground)}`,
    remedy: "Take the wish out, or turn it round; the order that systems declare stays.",
  };
}

/** Constraints that are told one by one; of a longer chain the systems are told, and what its ends both touch. */
const reasonsMax = 3;
const namesMax = 6;

/** Why the first of `chain` runs before its last. */
function chainText(chain: readonly string[], ground: WishGround): string {
  const reasons = chain.slice(1).map((name, at) => constraintText(chain[at]!, name, ground));
  if (reasons.length <= reasonsMax) return reasons.join(", and ");
  const names = chain.map((name) => `"${name}"`);
  const left = names.length - namesMax;
  if (left > 0) names.splice(namesMax / 2, left, `(${left} more)`);
  const { systems, shared } = ground;
  const data = shared(systems.get(chain[0]!)!, systems.get(chain.at(-1)!)!);
  return `the order is ${names.join(" -> ")}${data === undefined ? "" : ` (both touch ${data})`}`;
}

/** Why `first` runs before `second`: the declaration, with the data that it is about, or another wish. */
function constraintText(first: string, second: string, { systems, declared, shared }: WishGround): string {
  if (!declared.get(second)!.has(first)) return `another wish puts "${first}" before "${second}"`;
  const [one, other] = [systems.get(first)!, systems.get(second)!];
  const said = (other.after ?? []).includes(first)
    ? `"${second}" declares \`after: ["${first}"]\``
    : `"${first}" declares \`before: ["${second}"]\``;
  const data = shared(one, other);
  return data === undefined ? said : `${said} (both touch ${data})`;
}

/** Names from `from` to `to`, each a predecessor of the next; the shortest such chain, or none. */
function chainBetween(from: string, to: string, predecessors: Predecessors): readonly string[] | undefined {
  const next = new Map<string, string>();
  const waiting = [to];
  for (let at = 0; at < waiting.length; at++) {
    const name = waiting[at]!;
    if (name === from) {
      const chain = [from];
      while (chain.at(-1) !== to) chain.push(next.get(chain.at(-1)!)!);
      return chain;
    }
    for (const before of [...predecessors.get(name)!].sort())
      if (before !== to && !next.has(before)) {
        next.set(before, name);
        waiting.push(before);
      }
  }
  return undefined;
}

function unknownSystem(
  path: readonly (string | number)[],
  name: string,
  systems: ReadonlyMap<string, AnySystem>,
): SettingsProblem {
  return { path, problem: `there is no system "${name}"`, remedy: nameAdvice(name, [...systems.keys()]) };
}
