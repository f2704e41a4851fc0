/** Faults of world code that uses what differs between machines, as the traps of a host find it. */
import { entry } from "./entry.ts";

export const determinismFaults = {
  "banned-call": entry<{
    call: string;
    code: "system" | "job" | "setup";
    name: string;
    tick: number;
    place: string;
    instead: string;
  }>({
    id: "E0621",
    text: (f) => {
      const who =
        f.code === "setup" ? `The setup of "${f.name}"` : `${f.code === "system" ? "System" : "Job"} "${f.name}"`;
      return `${who} used ${f.call} at tick ${f.tick}${f.place === "" ? "" : ` at ${f.place}`}.`;
    },
    mend: (f) => `${f.instead}.`,
    explain:
      "What a tick makes must be the same on every machine and in every replay. While world code runs (systems, tick jobs, setup), clocks, timers, promises, unseeded randomness, functions of Math that engines round differently, locale and the garbage collector are trapped. `lint` finds most of them without running the game; --no-traps runs it all the same.",
  }),
} as const;
