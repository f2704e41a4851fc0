/** `plan`: the order in which systems and jobs run, with what each reads and writes. */
import { Engine } from "../../../engine/engine.ts";
import { gameJobs } from "../../../engine/game.ts";
import { settingNames } from "../../../engine/input/config.ts";
import { compileJobs } from "../../../engine/jobs/graph.ts";
import { settingsLines } from "../../../engine/sim/plan-settings.ts";
import { openConfig } from "../../config/config-file.ts";
import { hostClock } from "../../host/clock.ts";
import type { CommandContext } from "../command-line.ts";
import { type ExitCode, exitCode } from "../exit-codes.ts";
import { tableText } from "../terminal.ts";

export async function plan({ game, terminal }: CommandContext, options: { config?: string }): Promise<ExitCode> {
  const { path, text, settings } = await openConfig({ game }, options.config);
  const { program } = new Engine(game, { clock: hostClock }, { seed: 1, settings });
  const graph = compileJobs(gameJobs(game));
  terminal.value({
    game: program.id,
    tickRate: program.tickRate,
    planHash: program.planHash,
    schemaHash: program.schemaHash,
    ...program.plan,
    jobs: graph.planned,
    resources: (game.resources ?? []).map(({ name, pipeline, world }) => ({
      name,
      pipeline,
      every: world?.every ?? 0,
      latency: world?.latency ?? 0,
    })),
    subsystems: program.parts.map((part) => part.name),
    settings: Object.fromEntries(settingNames(program.config).map((name) => [name, program.config.settings[name]])),
    limits: program.limits,
    ...(text === undefined ? {} : { configuration: { path, settings: program.settings } }),
  });
  if (text !== undefined) {
    const lines = settingsLines(settings);
    for (const line of lines.length === 0 ? ["no settings"] : lines) terminal.line(`${path}: ${line}`);
  }
  terminal.line(
    `${program.id}: plan ${program.planHash}, schema ${program.schemaHash}, ${program.tickRate} ticks a second`,
  );
  const rows = [["phase", "system", "reads", "writes", "after"]];
  for (const phase of program.plan.phases)
    for (const system of phase.systems)
      rows.push([
        phase.name,
        system.name,
        [
          ...system.reads,
          ...system.recalls.map((name) => `before:${name}`),
          ...system.derived.map((name) => `derived:${name}`),
        ].join(" ") || "-",
        [...system.writes, ...system.emits.map((name) => `event:${name}`)].join(" ") || "-",
        system.after.join(" ") || "-",
      ]);
  for (const text of tableText(rows)) terminal.line(text);
  if (graph.planned.length > 0) {
    const jobs = [["job", "runs", "reads", "inputs", "output", "chunk"]];
    for (const job of graph.planned)
      jobs.push([
        job.name,
        job.kind === "frame"
          ? "each frame"
          : `every ${job.every === 1 ? "tick" : `${job.every} ticks`}, enters ${job.latency} later`,
        job.reads.join(" ") || "-",
        job.inputs.join(" ") || "-",
        job.answer === "" ? job.output : `answer ${job.answer}`,
        String(job.chunkItems),
      ]);
    for (const text of tableText(jobs)) terminal.line(text);
  }
  terminal.line(`then ${program.plan.stages.join(", ")}`);
  return exitCode.ok;
}
