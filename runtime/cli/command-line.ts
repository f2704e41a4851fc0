/**
 * The command line: which commands there are, what they take, and how a failure becomes an exit code.
 * What a command does is in a file of its own, loaded when it is called, so that starting the game
 * does not wait for the bench.
 */
import { Command, CommanderError, Option } from "commander";
import { type Fault, makeFault } from "../../engine/base/faults.ts";
import type { Game } from "../../engine/game.ts";
import manifest from "../../package.json" with { type: "json" };
import { answerUncaught } from "../host/uncaught.ts";
import { wantTraps } from "../traps/wanted.ts";
import { type ExitCode, exitCode } from "./exit-codes.ts";
import {
  blackBoxOption,
  configOption,
  entityIndices,
  hotOption,
  keyframeOption,
  noFlightOption,
  noTrapsOption,
  seedOption,
  setOption,
  silenceOption,
  trapsOption,
  watchOption,
  wholeNumber,
  workerCounts,
  workersOption,
} from "./options.ts";
import { addReplayCommands } from "./replay-commands.ts";
import { Terminal } from "./terminal.ts";
import { tellUncaught } from "./uncaught.ts";
import { watchValueOption } from "./watch-console.ts";

/** What every command gets. */
export interface CommandContext {
  readonly game: Game;
  readonly terminal: Terminal;
}
/** Options as commander parsed them; each command knows its own. */
type Options = Readonly<Record<string, unknown>>;
export type Action = (context: CommandContext, options: never, ...operands: string[]) => Promise<ExitCode>;

/** Runs one command line and resolves with its exit code. */
export async function runCommandLine(game: Game, argv: readonly string[]): Promise<ExitCode> {
  // A reader that has gone away (`| head`, a terminal that was closed) wants no more; it is no reason to leave a journal
  // without its end.
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
    });
  let result: ExitCode = exitCode.ok;
  const program = new Command(game.id);
  program
    .description(
      `${game.view?.title ?? game.id}: a world on Orrery ${manifest.version}. One hash per tick, whatever happens.`,
    )
    .version(manifest.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "show help")
    .helpCommand(false)
    .showSuggestionAfterError(true)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      getOutHasColors: () => process.stdout.isTTY,
      getErrHasColors: () => process.stderr.isTTY,
      // A mistake on the command line is a fault like any other and is told below.
      outputError: () => {},
    })
    .addHelpText("after", `\nExample:\n  ${game.id} play`);

  const command = (
    parent: Command,
    name: string,
    description: string,
    example: string,
    load: () => Promise<Action>,
  ): Command => {
    const made = parent
      // A process that is asked by another one is no command for people.
      .command(name, { hidden: name === "witness" })
      .description(description)
      .exitOverride()
      .showSuggestionAfterError(true)
      .allowExcessArguments(false);
    made.option("--json", "print the result as JSON").helpOption("-h, --help", "show help");
    made.addHelpText("after", `\nExample:\n  ${game.id} ${example}`);
    made.action(async (...given: unknown[]) => {
      const options = given[given.length - 2] as Options;
      const operands = given.slice(0, -2).flat() as string[];
      const terminal = new Terminal(options["json"] === true);
      if (made.options.some((option) => option.attributeName() === "traps"))
        wantTraps(options["traps"] as boolean | undefined);
      // For good: also what comes behind the result is told beside it.
      answerUncaught((thrown) => tellUncaught(thrown, terminal));
      try {
        const action = await load();
        result = await action({ game, terminal }, options as never, ...operands);
      } catch (thrown) {
        result = exitCodeOf(terminal.failure(thrown));
      }
      terminal.finish(result === exitCode.ok ? "done" : result === exitCode.interrupted ? "stopped" : "failed");
    });
    return made;
  };

  command(
    program,
    "play",
    "play in a window of an installed browser (default)",
    "play --record round.orj",
    async () => (await import("./commands/play.ts")).play,
  )
    .addOption(seedOption())
    .option("--port <port>", "port of the page on the loopback address", wholeNumber(0, 65_535), 7_800)
    .option("--strict-port", "fail when the port is taken instead of taking the next free one")
    .option("--no-open", "print the address and open no window")
    .option("--assets <folder>", "take assets from this folder, which has a manifest.json")
    .option("--source-rate <rate>", "let assets come no faster than this, such as 5MB a second")
    .option("--source-failures <chance>", "let reading an asset fail or break off so often, such as 0.2")
    .option("--record <file>", "write a journal")
    .addOption(keyframeOption())
    .addOption(noFlightOption())
    .addOption(blackBoxOption())
    .addOption(silenceOption())
    .addOption(hotOption())
    .addOption(watchOption())
    .option("--trace <file>", "write a trace in Chrome's format")
    .option("--log <file>", "append the log to a file, as JSON Lines")
    .option("--telemetry <file>", "append a line of metrics a second to a file")
    .option("--audit", "hold every write of every tick against what its system declares")
    .addOption(watchValueOption())
    .addOption(workersOption())
    .addOption(setOption())
    .addOption(configOption())
    .addOption(trapsOption())
    .addOption(noTrapsOption());
  command(
    program,
    "run",
    "run headless, from an input file",
    "run --headless --ticks 3600 --seed 7 --input round.jsonl --record round.orj --print-hash",
    async () => (await import("./commands/run.ts")).run,
  )
    .option("--headless", "without a window (always so; accepted for clarity)")
    .option("--ticks <count>", "ticks to make", wholeNumber(1, 2 ** 31), 3_600)
    .addOption(seedOption())
    .option("--input <file>", "records to admit, as JSON Lines")
    .option("--record <file>", "write a journal")
    .addOption(keyframeOption())
    .addOption(noFlightOption())
    .addOption(blackBoxOption())
    .addOption(silenceOption())
    .option("--paced", "in step with the clock instead of as fast as possible")
    .option("--heavy", "save each tick, restore it into a fresh world, run on there and compare")
    .option("--heavy-every <ticks>", "ticks between two saves of --heavy", wholeNumber(1, 1_000_000), 1)
    .addOption(hotOption())
    .addOption(watchOption())
    .option("--print-hash", "print only the final hash on standard output")
    .option("--timings", "print how long each system took")
    .option("--trace <file>", "write a trace in Chrome's format")
    .option("--log <file>", "append the log to a file, as JSON Lines")
    .option("--telemetry <file>", "append a line of metrics a second to a file")
    .option("--audit", "hold every write of every tick against what its system declares")
    .addOption(watchValueOption())
    .addOption(workersOption())
    .addOption(setOption())
    .addOption(configOption())
    .addOption(trapsOption())
    .addOption(noTrapsOption());
  const replay = program
    .command("replay")
    .description("work with journals")
    .exitOverride()
    .showSuggestionAfterError(true)
    .helpCommand(false)
    .addHelpText("after", `\nExample:\n  ${game.id} replay verify round.orj`);
  command(
    replay,
    "verify",
    "run a journal again at full speed and compare every tick",
    "replay verify round.orj",
    async () => (await import("./commands/replay-verify.ts")).replayVerify,
  )
    .argument("<journal>", "the journal to verify")
    .option("--processes <count>", "processes that share its keyframes; by default every core", wholeNumber(1, 256))
    .addOption(new Option("--serve-parts", "verify the parts whose numbers come in").hideHelp())
    .addOption(silenceOption())
    .addOption(trapsOption())
    .addOption(noTrapsOption());
  command(
    replay,
    "run",
    "make a journal or a black box happen again, up to the fault that ended it",
    "replay run .orrery/crash-20260131T120000-5412.orb",
    async () => (await import("./commands/replay-run.ts")).replayRun,
  )
    .argument("<journal>", "the journal or black box to run")
    .option("--audit", "hold every write of every tick against what its system declares")
    .option("--to-tick <tick>", "stop behind this tick, from the nearest keyframe", wholeNumber(0, 2 ** 32 - 1))
    .option("--dump <entities>", "print what entities have, by their indices, separated by commas", entityIndices)
    .option("--dump-all <component>", "print everyone who has the component")
    .option(
      "--code <path>",
      "run the records on other code, a file or a folder with a main.ts, and tell where it parts from what is on record",
    )
    .addOption(new Option("--against <line>", "what to hold other code against").choices(["recorded"]))
    .addOption(silenceOption())
    .addOption(trapsOption())
    .addOption(noTrapsOption());
  const trace = program
    .command("trace")
    .description("work with traces")
    .exitOverride()
    .showSuggestionAfterError(true)
    .helpCommand(false)
    .addHelpText("after", `\nExample:\n  ${game.id} trace view t.json --output t.html`);
  command(
    trace,
    "compare",
    "compare how long each span took in two traces",
    "trace compare before.json after.json",
    async () => (await import("./commands/trace.ts")).traceCompare,
  )
    .argument("<a>", "the trace to compare with")
    .argument("<b>", "the trace to compare");
  command(
    trace,
    "view",
    "write a page that shows a trace, for any browser, without a network",
    "trace view t.json --output t.html",
    async () => (await import("./commands/trace.ts")).traceView,
  )
    .argument("<trace>", "the trace to show")
    .option("--output <file>", "the page to write; by default beside the trace");
  const verify = program
    .command("verify")
    .description("hold the game against the promises of the engine")
    .exitOverride()
    .showSuggestionAfterError(true)
    .helpCommand(false)
    .addHelpText("after", `\nExample:\n  ${game.id} verify determinism --ticks 3600`);
  command(
    verify,
    "determinism",
    "run the game in every way that this machine has, and compare every tick of every run with the first",
    "verify determinism --ticks 3600 --input round.jsonl",
    async () => (await import("./commands/verify-determinism.ts")).verifyDeterminism,
  )
    .option("--modes <names>", "only these modes, separated by commas, such as plain,heavy,browser", (text: string) =>
      text.split(","),
    )
    .option("--workers <counts>", "numbers of worker threads, separated by commas (default: 0,1,2)", workerCounts)
    .option(
      "--shuffle-jobs <count>",
      "runs in which chunks are claimed in another order (default: 5)",
      wholeNumber(0, 10_000),
    )
    .option("--guard-snapshot", "run some in guard mode, which names a job that writes where it must not")
    .option("--ticks <count>", "ticks of each run", wholeNumber(1, 1_000_000), 120)
    .addOption(seedOption())
    .option("--input <file>", "records to admit, as JSON Lines")
    .option("--executable <file>", "the packaged game to run; without it one is built")
    .option("--heavy-every <ticks>", "ticks between two saves of heavy mode (default: 1)", wholeNumber(1, 1_000_000))
    .option("--keyframe-every <ticks>", "ticks between two keyframes (default: 8 keyframes)", wholeNumber(1, 1_000_000))
    .addOption(configOption())
    .option("--require-all", "fail when a mode is not available here")
    .option("--inject <fault>", "plant race:NAME, or flip:Component.field:entity@tick, to see it found")
    .addOption(trapsOption())
    .addOption(noTrapsOption());
  command(
    verify,
    "witness",
    "one run, for another process that compares",
    "verify witness --ticks 60 --output seen",
    async () => (await import("./commands/verify-witness.ts")).verifyWitness,
  )
    .option("--ticks <count>", "ticks to make", wholeNumber(1, 1_000_000), 120)
    .addOption(seedOption())
    .option("--input <file>", "records to admit, as JSON Lines")
    .option("--settings <json>", "settings in the form of the plan")
    .requiredOption("--output <file>", "where to leave what was seen")
    .option("--examine <order>", "what to look at, as JSON");
  command(
    program,
    "simulate",
    "run a synthetic frame on the engine and show what ran at once, and in which order",
    "simulate --frames 120 --trace t.json",
    async () => (await import("./commands/simulate.ts")).simulate,
  )
    .option("--frames <count>", "frames to make", wholeNumber(1, 10_000), 120)
    .addOption(seedOption())
    .option("--trace <file>", "write a trace in Chrome's format")
    .addOption(workersOption());
  command(
    program,
    "bench",
    "measure the engine beside its peers",
    "bench --json",
    async () => (await import("./commands/bench.ts")).bench,
  ).option("--only <text>", "only rows whose name contains the text");
  command(
    program,
    "plan",
    "print the order in which systems run",
    "plan --json",
    async () => (await import("./commands/plan.ts")).plan,
  ).addOption(configOption());
  command(
    program,
    "compile",
    "build one executable file from a game",
    "compile --output dist/scrapyard",
    async () => (await import("./commands/compile.ts")).compile,
  )
    .option("--output <file>", "the file to write")
    .option("--entry <file>", "the game's main file");
  command(
    program,
    "doctor",
    "check what this machine has of what Orrery uses",
    "doctor",
    async () => (await import("./commands/doctor.ts")).doctor,
  );
  command(
    program,
    "lint",
    "find what must not be in world code, without running it",
    "lint --json",
    async () => (await import("./commands/lint.ts")).lint,
  ).argument("[paths...]", "files and folders; by default what the game's main file imports");
  command(
    program,
    "explain",
    "tell more about a fault",
    "explain E0302",
    async () => (await import("./commands/explain.ts")).explain,
  ).argument("[fault]", "an id such as E0302; without one, all are listed");

  addReplayCommands({ replay, trace, command });

  try {
    await program.parseAsync(withDefault(argv), { from: "user" });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    // Help and version are no failures; help in the place of a missing subcommand has been printed.
    if (thrown.exitCode === 0) return exitCode.ok;
    const terminal = new Terminal(argv.includes("--json"));
    terminal.fault(usageFault(thrown));
    terminal.finish("failed");
    return exitCode.usage;
  }
  return result;
}

/** What commander says is "error: what is wrong", and on a second line "(Did you mean this?)". */
function usageFault({ code, message }: CommanderError): Fault {
  if (code === "commander.help") return makeFault("usage", { problem: "A command is missing.", suggestion: "" });
  const [first = "", second = ""] = message.replace(/^error: /, "").split("\n");
  const problem = `${first.slice(0, 1).toUpperCase()}${first.slice(1).replace(/\.$/, "")}.`;
  return makeFault("usage", { problem, suggestion: second.replace(/^\((.*)\)$/, "$1") });
}

/** The arguments with `play` put in front when they name no command. */
function withDefault(argv: readonly string[]): string[] {
  const isOwn = argv.some((word) => ["-h", "--help", "-V", "--version"].includes(word));
  return argv[0] === undefined || (argv[0].startsWith("-") && !isOwn) ? ["play", ...argv] : [...argv];
}

/** The exit code that a fault ends a command with. */
export function exitCodeOf(fault: Fault): ExitCode {
  switch (fault.kind) {
    case "desync":
      return exitCode.desync;
    case "usage":
    case "input-file":
    case "config-invalid":
    case "config-file":
    case "flip-impossible":
      return exitCode.usage;
    case "thread-died":
    case "thread-silent":
      return exitCode.crashed;
    default:
      return exitCode.failed;
  }
}
