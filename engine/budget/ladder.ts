/**
 * The ladder: what may be given up when frames are too slow, in order, cheap losses first; and what it
 * means for each target when the first n rungs are taken.
 *
 *     rung 3   skip        reflections            taken last, given back first
 *     rung 2   background  far-dust
 *     rung 1   lower       particles    0.5
 *     rung 0   defer       far-poses    2         taken first, given back last
 *
 * The rule: rungs are taken and given back strictly in this order, so the state of a ladder is one number,
 * how many rungs are taken. A target is a job, a surface or a pipeline, by name; the budget knows no more of it.
 */
import { assert, unreachable } from "../base/assertions.ts";
import { raise } from "../base/faults.ts";

/**
 * What a rung does to its target: `defer` runs it every `level` frames, `lower` runs it at quality `level`,
 * `skip` leaves it out, `background` makes it work across frames instead of work of a frame.
 */
export type RungKind = "defer" | "lower" | "skip" | "background";

export interface Rung {
  /** Unique; decisions name it. */
  readonly name: string;
  readonly kind: RungKind;
  /** The job, surface or pipeline that gives something up. */
  readonly target: string;
  /** defer: frames, a whole number above 1. lower: quality, above 0 and below 1. skip, background: 1. */
  readonly level: number;
}

/** How a target is to work now. One object a target for as long as the ladder lives; its numbers change. */
export interface TargetLevel {
  readonly target: string;
  /** Runs in one of so many frames: 1 is every frame. */
  readonly every: number;
  /** 0 < quality <= 1. */
  readonly quality: number;
  readonly skip: boolean;
  readonly background: boolean;
  /** The target's number: targets that are deferred alike take turns instead of meeting in one frame. */
  readonly turn: number;
}

/** Whether a target at `level` runs in frame number `frame`. */
export function isDue(level: TargetLevel, frame: number): boolean {
  return !level.skip && (level.every === 1 || (frame + level.turn) % level.every === 0);
}

type MutableLevel = { -readonly [K in keyof TargetLevel]: TargetLevel[K] };

/** A checked ladder and the levels of its targets. */
export class Ladder {
  readonly rungs: readonly Rung[];
  readonly #levels: readonly MutableLevel[];

  /** Raises "unknown-name", "duplicate-name" or "bad-definition" when targets and rungs do not fit together. */
  constructor(targets: readonly string[], rungs: readonly Rung[]) {
    checkTargets(targets);
    checkRungs(targets, rungs);
    this.rungs = [...rungs];
    this.#levels = targets.map((target, turn) => ({
      target,
      every: 1,
      quality: 1,
      skip: false,
      background: false,
      turn,
    }));
  }

  get targets(): readonly string[] {
    return this.#levels.map((level) => level.target);
  }

  /** The level of a target; the object stays the same one, so a job looks it up once. */
  levelOf(target: string): TargetLevel {
    const level = this.#levels.find((candidate) => candidate.target === target);
    return level ?? raiseUnknown(target, "`levelOf`", this.targets);
  }

  /** Makes all levels those of a ladder of which the first `takenCount` rungs are taken. */
  apply(takenCount: number): void {
    assert(takenCount >= 0 && takenCount <= this.rungs.length, "rungs that exist are taken", { takenCount });
    for (const level of this.#levels) {
      level.every = 1;
      level.quality = 1;
      level.skip = false;
      level.background = false;
    }
    for (let i = 0; i < takenCount; i++) {
      const rung = this.rungs[i]!;
      const level = this.#levels.find((candidate) => candidate.target === rung.target)!;
      if (rung.kind === "defer") level.every = rung.level;
      else if (rung.kind === "lower") level.quality = rung.level;
      else if (rung.kind === "skip") level.skip = true;
      else if (rung.kind === "background") level.background = true;
      else unreachable(rung.kind);
    }
  }
}

function raiseUnknown(target: string, where: string, targets: readonly string[]): never {
  return raise("unknown-name", { what: "budget target", name: target, where, known: targets.join(", ") });
}

function checkTargets(targets: readonly string[]): void {
  targets.forEach((name, i) => {
    if (targets.indexOf(name) !== i) raise("duplicate-name", { what: "budget target", name });
  });
}

function checkRungs(targets: readonly string[], rungs: readonly Rung[]): void {
  rungs.forEach((rung, i) => {
    const earlier = rungs.slice(0, i);
    if (earlier.some((other) => other.name === rung.name)) raise("duplicate-name", { what: "rung", name: rung.name });
    if (!targets.includes(rung.target)) raiseUnknown(rung.target, `The rung "${rung.name}"`, targets);
    checkLevel(rung);
    checkLoss(
      rung,
      earlier.filter((other) => other.target === rung.target),
    );
  });
}

function checkLevel(rung: Rung): void {
  const { kind, level } = rung;
  const refuse = (remedy: string): never => refuseRung(rung, `its level is ${level}`, remedy);
  if (kind === "defer" && (!Number.isInteger(level) || level < 2))
    refuse("Give the number of frames from one run to the next: a whole number above 1.");
  if (kind === "lower" && !(level > 0 && level < 1))
    refuse("Give a quality above 0 and below 1; what is to be left out is a rung of kind skip.");
  if ((kind === "skip" || kind === "background") && level !== 1)
    refuse(`A rung of kind ${kind} is taken or not: give 1.`);
}

/** A later rung of a target must lose more than each earlier one, or taking it would give something back. */
function checkLoss(rung: Rung, earlier: readonly Rung[]): void {
  for (const other of earlier) {
    if (other.kind === "skip")
      refuseRung(rung, `"${other.name}" skips ${rung.target} before it`, "Move it before the rung that skips.");
    if (other.kind !== rung.kind) continue;
    const losesMore =
      (rung.kind === "defer" && rung.level > other.level) || (rung.kind === "lower" && rung.level < other.level);
    if (!losesMore)
      refuseRung(
        rung,
        `it gives up no more of ${rung.target} than "${other.name}" before it`,
        "Order the rungs of a target so that each loses more than the one before, or remove one of them.",
      );
  }
}

function refuseRung(rung: Rung, problem: string, remedy: string): never {
  return raise("bad-definition", { what: "rung", name: rung.name, problem, remedy });
}
