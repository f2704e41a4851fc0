/** `plan`: the order in which systems run, with what each reads and writes. */
import { Engine } from "../../../engine/engine.ts";
import { settingNames } from "../../../engine/input/config.ts";
import { hostClock } from "../../host/clock.ts";
import type { CommandContext } from "../command-line.ts";
import { type ExitCode, exitCode } from "../exit-codes.ts";
import { tableText } from "../terminal.ts";

export async function plan({ game, terminal }: CommandContext): Promise<ExitCode> {
  const { program } = new Engine(game, { clock: hostClock }, { seed: 1 });
  terminal.value({
    game: program.id,
    tickRate: program.tickRate,
    planHash: program.planHash,
    schemaHash: program.schemaHash,
    ...program.plan,
    subsystems: program.parts.map((part) => part.name),
    settings: Object.fromEntries(settingNames(program.config).map((name) => [name, program.config.settings[name]])),
    limits: program.limits,
  });
  terminal.line(
    `${program.id}: plan ${program.planHash}, schema ${program.schemaHash}, ${program.tickRate} ticks a second`,
  );
  const rows = [["phase", "system", "reads", "writes", "after"]];
  for (const phase of program.plan.phases)
    for (const system of phase.systems)
      rows.push([
        phase.name,
        system.name,
        system.reads.join(" ") || "-",
        [...system.writes, ...system.emits.map((name) => `event:${name}`)].join(" ") || "-",
        system.after.join(" ") || "-",
      ]);
  for (const text of tableText(rows)) terminal.line(text);
  terminal.line(`then ${program.plan.stages.join(", ")}`);
  return exitCode.ok;
}
