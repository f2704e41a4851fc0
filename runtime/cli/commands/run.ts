/** `run`: a world without a window, from an input file, as fast as the machine can. */

import { counted } from "../../../engine/base/wording.ts";
import { fallbackText } from "../../../engine/sim/fallback.ts";
import { healthText } from "../../../engine/sim/health.ts";
import { openConfig } from "../../config/config-file.ts";
import { answerUncaught, uncaughtFault } from "../../host/uncaught.ts";
import { readInputFile } from "../../input/input-file.ts";
import { defaultWorkerCount } from "../../jobs/worker-count.ts";
import { traceText } from "../../trace/trace-file.ts";
import { JournalFile } from "../../world/journal-file.ts";
import { WorldThread } from "../../world/world-thread.ts";
import { BlackBoxes } from "../black-boxes.ts";
import { type CommandContext, exitCodeOf } from "../command-line.ts";
import { HotConfig } from "../config.ts";
import { type ExitCode, exitCode } from "../exit-codes.ts";
import { HotCode, tellNews } from "../hot.ts";
import { onInterrupt } from "../interrupt.ts";
import { settingRecords } from "../settings.ts";
import { tableText } from "../terminal.ts";
import { stackOf } from "../uncaught.ts";
import { checkWatches, openWatches } from "../watch-console.ts";

interface RunOptions {
  readonly ticks: number;
  readonly seed: number;
  readonly input?: string;
  readonly record?: string;
  readonly keyframeEvery: number;
  readonly flightRecorder: boolean;
  readonly blackBox: string;
  readonly silenceLimit: number;
  readonly paced?: boolean;
  readonly hot?: boolean;
  readonly watch?: boolean;
  readonly printHash?: boolean;
  readonly timings?: boolean;
  readonly set: readonly string[];
  readonly config?: string;
  readonly workers?: number;
  readonly trace?: string;
  readonly log?: string;
  readonly telemetry?: string;
  readonly audit?: boolean;
  readonly heavy?: boolean;
  readonly heavyEvery: number;
  readonly watchValue?: readonly string[];
}

export async function run({ game, terminal }: CommandContext, options: RunOptions): Promise<ExitCode> {
  const script = [
    ...settingRecords(game, options.set),
    ...(options.input === undefined ? [] : readInputFile(options.input, game)),
  ];
  const beyond = script.filter(({ tick }) => tick > options.ticks).length;
  if (beyond > 0)
    terminal.note(`${counted(beyond, "record")} of the input file for ticks after ${options.ticks}: left out`);
  if (options.heavy === true) return (await import("./run-heavy.ts")).runHeavy({ game, terminal }, options, script);
  checkWatches(game, options.watchValue);
  const hot = await HotCode.open("run", options, terminal);
  const isPaced = options.paced === true || hot !== undefined;
  const configured = { game };
  const opened = await openConfig(configured, options.config);
  const boxes = new BlackBoxes(options, terminal);
  const journal = options.record === undefined ? undefined : new JournalFile(options.record);
  const startedMillis = performance.now();
  const world = await WorldThread.start({
    game,
    seed: options.seed,
    pace: isPaced ? "clock" : "free",
    tickCount: options.ticks,
    script,
    settings: opened.settings,
    settingsPath: opened.path,
    journal,
    keyframeEvery: options.keyframeEvery,
    flightFolder: boxes.folder,
    silenceMillis: options.silenceLimit,
    drivers: [],
    code: hot?.base,
    workerCount: options.workers ?? defaultWorkerCount(),
    tracePath: options.trace,
    logPath: options.log,
    telemetryPath: options.telemetry,
    onReport: (fault) => terminal.report(fault),
    onSwap: (news) => {
      tellNews(news, terminal);
      hot?.hear(news);
      edits?.hear(news);
    },
    onHealth: (report) => terminal.note(healthText(report)),
    audit: options.audit,
    watches: openWatches(options.watchValue, terminal),
  });
  boxes.watch(world);
  const edits = isPaced
    ? new HotConfig({ configured, opened, world, terminal, hot, onRefused: (fault) => world.swaps.refuse(fault) })
    : undefined;
  let interrupted = false;
  const endWatch = onInterrupt(
    () => {
      interrupted = true;
      void world.stop();
    },
    () => world.abandon(),
  );
  const endAnswer = answerUncaught((thrown) => world.breakOff(uncaughtFault(thrown), stackOf(thrown)));
  await hot?.serve(world);
  const status = setInterval(() => terminal.status(`tick ${world.tick} of ${options.ticks}`), 250);
  const outcome = await world.outcome;
  clearInterval(status);
  endWatch();
  endAnswer();
  edits?.close();
  await hot?.close();
  boxes.close();

  if (outcome.kind === "faulted") {
    terminal.fault(outcome.fault, outcome.moment);
    terminal.stack(outcome.stack);
    boxes.tell(world.blackBox);
    // A thread that was lost took the ticks since its last block with it.
    const isLost = ["thread-died", "thread-silent", "file-write"].includes(outcome.fault.kind);
    const end = isLost ? "its last block" : `tick ${outcome.tick}`;
    if (journal !== undefined && journal.byteCount > 0)
      terminal.note(`journal ${journal.path}: whole up to ${end} (${journal.byteCount} bytes)`);
    return exitCodeOf(outcome.fault);
  }
  const { summary } = outcome;
  const speed = summary.elapsedMillis > 0 ? (summary.tickCount * 1_000) / summary.elapsedMillis : 0;
  const write =
    options.printHash === true
      ? (text: string): void => terminal.note(text)
      : (text: string): void => terminal.line(text);
  write(
    `${game.id}: ${counted(summary.tickCount, "tick")}, seed ${options.seed}, ${Math.round(speed)} ticks/s (${(speed / (opened.settings.tick?.rate ?? game.tickRate)).toFixed(1)} x real time)`,
  );
  if (options.printHash === true) terminal.line(summary.hash);
  else terminal.line(`hash ${summary.hash}`);
  const { traceSummary } = world;
  if (traceSummary !== undefined) write(traceText(traceSummary));
  if (journal !== undefined) write(`journal ${journal.path} (${journal.byteCount} bytes)`);
  for (const fallback of summary.fallbacks) write(fallbackText(fallback));
  if (options.timings === true)
    for (const text of tableText([
      ["system", "mean us", "max us"],
      ...summary.timings.map(({ system, meanMicros, maxMicros }) => [
        system,
        meanMicros.toFixed(1),
        maxMicros.toFixed(1),
      ]),
    ]))
      write(text);
  terminal.value({
    game: game.id,
    seed: options.seed,
    ...summary,
    ticksPerSecond: speed,
    startToFirstTickMillis: outcome.firstTickMillis - performance.timeOrigin,
    commandMillis: performance.now() - startedMillis,
    journal: journal === undefined ? undefined : { path: journal.path, bytes: journal.byteCount },
  });
  return interrupted ? exitCode.interrupted : exitCode.ok;
}
