/** Faults of world code that uses what differs between machines, as the traps of a host find it. */
import { entry } from "./entry.ts";

type Runner = "system" | "job" | "setup" | "derived" | "resource";

/** What runs world code, as it is told. */
function runnerText(code: Runner): string {
  switch (code) {
    case "job":
      return "Job";
    case "setup":
      return "The setup of";
    case "derived":
      return "The derived value";
    case "resource":
      return "The input of resource";
    default:
      return "System";
  }
}

export const determinismFaults = {
  "banned-call": entry<{
    call: string;
    code: Runner;
    name: string;
    tick: number;
    place: string;
    instead: string;
  }>({
    id: "E0621",
    text: (f) =>
      `${runnerText(f.code)} "${f.name}" used ${f.call} at tick ${f.tick}${f.place === "" ? "" : ` at ${f.place}`}.`,
    mend: (f) => `${f.instead}.`,
    explain:
      "What a tick makes must be the same on every machine and in every replay. While world code runs (systems, tick jobs, setup, derived values, inputs of world resources), clocks, timers, promises, unseeded randomness, functions of Math that engines round differently, locale and the garbage collector are trapped. `lint` finds most of them without running the game; --no-traps runs it all the same.",
  }),
} as const;
