/** `play`: the game in a window of an installed browser, or at an address that is printed. */

import { type Fault, raise } from "../../../engine/base/faults.ts";
import { counted } from "../../../engine/base/wording.ts";
import { fallbackText } from "../../../engine/sim/fallback.ts";
import { healthText } from "../../../engine/sim/health.ts";
import { type Disturbance, parseByteRate, parseChance } from "../../assets/disturbed-source.ts";
import { openConfig } from "../../config/config-file.ts";
import { createWebDriver } from "../../drivers/web/driver.ts";
import { pageOfFiles } from "../../drivers/web/page.ts";
import { openAppWindow } from "../../host/browser.ts";
import { answerUncaught, uncaughtFault } from "../../host/uncaught.ts";
import { defaultWorkerCount } from "../../jobs/worker-count.ts";
import { clientFiles } from "../../package/client.ts";
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
import { stackOf } from "../uncaught.ts";
import { checkWatches, openWatches } from "../watch-console.ts";

interface PlayOptions {
  readonly seed: number;
  readonly port: number;
  readonly strictPort?: boolean;
  readonly open: boolean;
  readonly record?: string;
  readonly keyframeEvery: number;
  readonly flightRecorder: boolean;
  readonly blackBox: string;
  readonly silenceLimit: number;
  readonly set: readonly string[];
  readonly config?: string;
  readonly workers?: number;
  readonly trace?: string;
  readonly assets?: string;
  readonly sourceRate?: string;
  readonly sourceFailures?: string;
  readonly log?: string;
  readonly telemetry?: string;
  readonly hot?: boolean;
  readonly watch?: boolean;
  readonly audit?: boolean;
  readonly watchValue?: readonly string[];
}

/** How long a page may show a fault before the process ends. */
const faultShownMillis = 500;

export async function play({ game, terminal }: CommandContext, options: PlayOptions): Promise<ExitCode> {
  if (game.view === undefined)
    raise("not-available", {
      command: "play",
      reason: `${game.id} has no view`,
      instead: "Give the game a `view`, or use `run`.",
    });
  checkWatches(game, options.watchValue);
  const hot = await HotCode.open("play", options, terminal);
  const script = settingRecords(game, options.set);
  const configured = { game, assetsFolder: options.assets };
  const opened = await openConfig(configured, options.config);
  const page = pageOfFiles(await clientFiles());
  if (page === undefined) raise("file-missing", { path: "client", purpose: "the files of the page" });
  const driver = createWebDriver({
    port: options.port,
    strictPort: options.strictPort === true,
    page,
    title: game.view.title,
  });
  const boxes = new BlackBoxes(options, terminal);
  const journal = options.record === undefined ? undefined : new JournalFile(options.record);
  const world = await WorldThread.start({
    game,
    seed: options.seed,
    pace: "clock",
    tickCount: 0,
    script,
    settings: opened.settings,
    settingsPath: opened.path,
    journal,
    keyframeEvery: options.keyframeEvery,
    flightFolder: boxes.folder,
    silenceMillis: options.silenceLimit,
    drivers: [driver],
    code: hot?.base,
    workerCount: options.workers ?? defaultWorkerCount(),
    assets: { folder: options.assets, disturbance: disturbanceOf(options) },
    tracePath: options.trace,
    logPath: options.log,
    telemetryPath: options.telemetry,
    onReport: (fault) => terminal.report(fault),
    onSwap: (news) => {
      tellNews(news, terminal);
      hot?.hear(news);
      edits.hear(news);
    },
    onHealth: (report) => terminal.note(healthText(report)),
    audit: options.audit,
    watches: openWatches(options.watchValue, terminal),
    onDecision: ({ rung, direction, cause, takenCount }) =>
      terminal.note(
        `budget: ${direction === "degrade" ? "takes" : "gives back"} "${rung}" (${cause}); ${takenCount} taken`,
      ),
  });
  boxes.watch(world);
  const onRefused = (fault: Fault): void => world.swaps.refuse(fault);
  const edits = new HotConfig({ configured, opened, world, terminal, hot, onRefused });
  let interrupted = false;
  const endWatch = onInterrupt(
    () => {
      interrupted = true;
      terminal.note("stopping");
      void world.stop();
    },
    () => world.abandon(),
  );
  const endAnswer = answerUncaught((thrown) => world.breakOff(uncaughtFault(thrown), stackOf(thrown)));
  terminal.line(`${game.view.title} plays at ${driver.url}`);
  terminal.value({ url: driver.url });
  if (options.open) {
    const window = await openAppWindow(driver.url);
    terminal.note(
      window.opened
        ? `Opened in ${window.command}; close with Ctrl+C.`
        : `Open the address above in a browser (${window.reason}). Ctrl+C ends the game.`,
    );
  } else terminal.note("Ctrl+C ends the game.");

  await hot?.serve(world);
  const outcome = await world.outcome;
  endWatch();
  endAnswer();
  await hot?.close();
  edits.close();
  boxes.close();
  if (outcome.kind === "faulted") await new Promise((resolve) => setTimeout(resolve, faultShownMillis));
  await driver.close();
  if (world.traceSummary !== undefined) terminal.note(traceText(world.traceSummary));
  if (journal !== undefined && journal.byteCount > 0)
    terminal.note(`journal ${journal.path} (${journal.byteCount} bytes)`);
  if (outcome.kind === "faulted") {
    terminal.fault(outcome.fault, outcome.moment);
    terminal.stack(outcome.stack);
    boxes.tell(world.blackBox);
    return exitCodeOf(outcome.fault);
  }
  const { summary } = outcome;
  for (const fallback of summary.fallbacks)
    if (fallback.name !== "ticks-dropped") terminal.note(fallbackText(fallback));
  terminal.note(
    `${counted(summary.tickCount, "tick")}, hash ${summary.hash}, ${counted(summary.droppedTickCount, "tick")} dropped`,
  );
  return interrupted ? exitCode.interrupted : exitCode.ok;
}

/** What the options ask a source to suffer from; half of the failures break off, half cut short. */
function disturbanceOf({ sourceRate, sourceFailures, seed }: PlayOptions): Disturbance | undefined {
  if (sourceRate === undefined && sourceFailures === undefined) return undefined;
  const bytesPerSecond = sourceRate === undefined ? undefined : parseByteRate(sourceRate);
  if (sourceRate !== undefined && bytesPerSecond === undefined)
    raise("usage", {
      problem: `--source-rate ${sourceRate} is no rate.`,
      suggestion: "Give bytes a second, such as 5MB or 250KB.",
    });
  const chance = sourceFailures === undefined ? 0 : parseChance(sourceFailures);
  if (chance === undefined)
    raise("usage", {
      problem: `--source-failures ${sourceFailures} is no chance.`,
      suggestion: "Give 0 to 1, or 0% to 100%.",
    });
  return {
    seed,
    failureChance: chance / 2,
    truncationChance: chance / 2,
    ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
  };
}
