/** Options that several commands have, and the readers of their values. */
import { InvalidArgumentError, Option } from "commander";
import { usualFolder } from "../flight/box-file.ts";
import { usualSilenceMillis } from "../world/silence-watch.ts";

export function seedOption(): Option {
  return new Option("--seed <seed>", "seed of every random stream").argParser(wholeNumber(0, 2 ** 32 - 1)).default(1);
}

export function workersOption(): Option {
  return new Option("--workers <count>", "worker threads for jobs; by default every core but one").argParser(
    wholeNumber(0, 64),
  );
}

export function trapsOption(): Option {
  return new Option("--traps", "make a banned call in a tick a fault that names it (default but for an executable)");
}

export function noTrapsOption(): Option {
  return new Option("--no-traps", "let banned calls in a tick pass");
}

export function keyframeOption(): Option {
  return new Option("--keyframe-every <ticks>", "a keyframe in the journal behind every so many ticks; 0 for none")
    .argParser(wholeNumber(0, 2 ** 31))
    .default(3_600);
}

export function noFlightOption(): Option {
  return new Option("--no-flight-recorder", "keep nothing of the run for a black box");
}

export function blackBoxOption(): Option {
  return new Option("--black-box <folder>", "where the end of the run is kept, for when it crashes").default(
    usualFolder,
  );
}

export function silenceOption(): Option {
  return new Option(
    "--silence-limit <milliseconds>",
    "end a world that does not come back from a step for so long; 0 for never",
  )
    .argParser(wholeNumber(0, 2 ** 31 - 1))
    .default(usualSilenceMillis);
}

export function configOption(): Option {
  return new Option(
    "--config <file>",
    "order of systems, tick rate and priorities; by default orrery.toml beside the game's main file, if there is one",
  );
}

export function hotOption(): Option {
  return new Option("--hot", "let edits of the game's code take over while the world runs, in step with the clock");
}

export function watchOption(): Option {
  return new Option("--watch", "restart from a keyframe at every edit of the game's code, in step with the clock");
}

export function setOption(): Option {
  return new Option("--set <name=value>", "change a setting of the game; may be given several times")
    .argParser((text: string, earlier: readonly string[]) => [...earlier, text])
    .default([], "none");
}

export function workerCounts(text: string): readonly number[] {
  return text.split(",").map(wholeNumber(0, 64));
}

export function entityIndices(text: string): readonly number[] {
  if (!/^\d+(,\d+)*$/.test(text))
    throw new InvalidArgumentError("It is indices of entities, separated by commas, such as 7,400.");
  return text.split(",").map(Number);
}

export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === "" || !Number.isInteger(value) || value < min || value > max)
      throw new InvalidArgumentError(`It is a whole number from ${min} to ${max}.`);
    return value;
  };
}
