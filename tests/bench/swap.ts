/**
 * Code swap of Scrapyard by the real command: a constant in a copy of its sources is edited while it runs, and each save is
 * timed up to the first tick that the new code can make. When ticks begin is read from the trace of that run: the latest
 * around each swap is held against the latest of stretches as long in between, in the same run.
 */
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { hostClock } from "../../runtime/host/clock.ts";
import { packagedProgram } from "../../runtime/host/program.ts";
import { type BenchSize, benchSeed, median } from "./measure.ts";
import { type BenchGroup, type BenchRow, skippedRow, timeText } from "./row.ts";

const saveRow = "code swap of Scrapyard, save to first tick";
const tickRow = "code swap of Scrapyard, latest tick";
const saveGoal = "< 100 ms";
const tickGoal = "<= 1 ms later than others";
const saveMillisMax = 100;
const laterMillisMax = 1;

export const swap: BenchGroup = { rowNames: [saveRow, tickRow], run };

const root = fileURLToPath(new URL("../../", import.meta.url));
const tickMillis = 1_000 / 60;
const editedFile = "systems/pull-crates.ts";
const editedLine = /^const springRate = \d+;$/m;

async function run(size: BenchSize): Promise<readonly BenchRow[]> {
  if (packagedProgram() !== undefined || !existsSync(join(root, "game", editedFile)))
    return [skippedRow(saveRow, "no sources here", saveGoal), skippedRow(tickRow, "no sources here", tickGoal)];
  const folder = mkdtempSync(join(tmpdir(), "orrery-swap-"));
  try {
    cpSync(join(root, "game"), join(folder, "game"), { recursive: true });
    cpSync(join(root, "package.json"), join(folder, "package.json"));
    for (const name of ["engine", "runtime", "assets"]) symlinkSync(join(root, name), join(folder, name));
    const { saves, ticks } = await edited(folder, size === "whole" ? 8 : 1);
    // What a process does for the first time it does slowly; an author saves more than once.
    const warm = saves.slice(size === "whole" ? 2 : 0);
    const marks = readMarks(join(folder, "trace.json"));
    const millis = median(
      warm.map(({ tick, millis }) => marks.find((mark) => mark.tick === tick + 1)!.millis - millis),
    );
    const { near, far } = lateness(
      marks,
      warm.map(({ tick }) => tick),
    );
    const rows: BenchRow[] = [
      { name: saveRow, ours: timeText(millis), peer: "", ratio: "", goal: saveGoal, met: millis < saveMillisMax },
      {
        ...{ name: tickRow, ours: latestText(near), peer: `${latestText(far)} between swaps`, ratio: "" },
        ...{ goal: tickGoal, met: near.usualMillis - far.usualMillis <= laterMillisMax },
      },
    ];
    return ticks > 0 ? rows : [skippedRow(saveRow, "it made no tick"), skippedRow(tickRow, "it made no tick")];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const latestText = ({ usualMillis, worstMillis }: Latest): string =>
  `${timeText(usualMillis)}, worst ${timeText(worstMillis)}`;

interface Save {
  /** When it was saved, by the machine's clock. */
  readonly millis: number;
  /** The tick behind which the world went over. */
  readonly tick: number;
}

/** Runs the game and saves `count` edits, a second and a half apart. */
async function edited(
  folder: string,
  count: number,
): Promise<{ readonly saves: readonly Save[]; readonly ticks: number }> {
  const args = [join(folder, "game/main.ts"), "run", "--hot", "--ticks", "100000", "--seed", String(benchSeed)];
  const child = spawn(
    process.execPath,
    [...args, "--workers", "1", "--no-flight-recorder", "--trace", join(folder, "trace.json")],
    {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let printed = "";
  let wake = (): void => {};
  for (const stream of [child.stdout!, child.stderr!])
    stream.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
      wake();
    });
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  const seen = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = pattern.exec(printed);
      if (found !== null) return found;
      if (child.exitCode !== null) throw new Error(`the game ended: ${printed}`);
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, 100);
      });
    }
  };
  const saves: Save[] = [];
  try {
    await seen(/every save takes over/);
    const path = join(folder, "game", editedFile);
    const text = readFileSync(path, "utf8");
    if (!editedLine.test(text)) throw new Error(`${editedFile} has no spring to edit`);
    for (let i = 0; i < count; i++) {
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      printed = "";
      const millis = hostClock.nowMicros() / 1_000;
      // Another number each time: code that ran before is known, and an author's next save is not.
      writeFileSync(path, text.replace(editedLine, `const springRate = ${76 + i};`));
      const [, tick] = await seen(/New code since tick (\d+)/);
      saves.push({ millis, tick: Number(tick) });
    }
    await new Promise((resolve) => setTimeout(resolve, 1_500));
  } finally {
    child.kill("SIGINT");
    await ended;
  }
  return { saves, ticks: saves.at(-1)?.tick ?? 0 };
}

interface Mark {
  readonly tick: number;
  readonly millis: number;
}

/** When each tick began, by the machine's clock. */
function readMarks(path: string): Mark[] {
  const { traceEvents, otherData } = JSON.parse(readFileSync(path, "utf8")) as {
    readonly otherData: { readonly originMicros: number };
    readonly traceEvents: readonly {
      readonly name: string;
      readonly ts: number;
      readonly args?: { readonly tick?: number };
    }[];
  };
  return traceEvents
    .filter(({ name, args }) => name === "tick begins" && args?.tick !== undefined)
    .map(({ ts, args }) => ({ tick: args!.tick!, millis: (otherData.originMicros + ts) / 1_000 }));
}

/** Ticks before and behind a swap in which it is prepared and its code is new. */
const nearTicks = 30;

/**
 * How late ticks begin, near a swap and elsewhere: behind the moment that the ticks around them ask for, which are a period
 * apart. Of each stretch the latest tick counts; ticks of the first two seconds are left out.
 */
function lateness(marks: readonly Mark[], swaps: readonly number[]): { readonly near: Latest; readonly far: Latest } {
  const phases = marks.map(({ tick, millis }) => millis - tick * tickMillis);
  const stretches = new Map<string, number>();
  marks.forEach(({ tick }, at) => {
    if (tick < 120) return;
    // What is due is told by the earliest of the ticks around it: ticks begin late, never early.
    let due = Number.POSITIVE_INFINITY;
    for (let i = Math.max(0, at - nearTicks); i < Math.min(marks.length, at + nearTicks); i++)
      due = Math.min(due, phases[i]!);
    const swap = swaps.find((behind) => Math.abs(behind - tick) < nearTicks);
    const stretch = swap === undefined ? `far ${Math.floor(tick / (2 * nearTicks))}` : `near ${swap}`;
    stretches.set(stretch, Math.max(stretches.get(stretch) ?? 0, phases[at]! - due));
  });
  const latest = (kind: string): Latest => {
    const found = [...stretches].filter(([name]) => name.startsWith(kind)).map(([, millis]) => millis);
    return { usualMillis: median(found), worstMillis: Math.max(...found) };
  };
  return { near: latest("near"), far: latest("far") };
}

/** The latest ticks of stretches of equal length. */
interface Latest {
  readonly usualMillis: number;
  readonly worstMillis: number;
}
