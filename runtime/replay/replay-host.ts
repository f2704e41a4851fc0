/**
 * What a host lends to replays of one journal: its clock, the way back from compressed keyframes, and the way through
 * recorded swaps. Code that a swap brought is looked for by `findCode`; without it in the journal and in the folder beside it.
 */
import { auditSubsystem } from "../../engine/audit/subsystem.ts";
import { FaultError, raise } from "../../engine/base/faults.ts";
import type { Game } from "../../engine/game.ts";
import type { Pulse } from "../../engine/ports/pulse.ts";
import type { Journal } from "../../engine/replay/journal.ts";
import type { ReplayHost } from "../../engine/replay/replay.ts";
import { checkDerived } from "../../engine/sim/derived-check.ts";
import type { SubsystemDefinition } from "../../engine/sim/subsystem.ts";
import { hostClock } from "../host/clock.ts";
import { type Code, loadGame } from "../hot/code.ts";
import { codeFolderOf } from "../hot/code-store.ts";
import { playedGame } from "../traps/wanted.ts";
import { hostDecompressor } from "./compression.ts";
import { codeNamedIn, firstCodeOf } from "./journal-code.ts";
import { type FindCode, swapHost } from "./swaps.ts";

export interface ReplayHostOptions {
  readonly findCode?: FindCode;
  /** Every step of every tick is held against what it declares. */
  readonly audit?: boolean | undefined;
  /** Where another thread sees that ticks are made. */
  readonly pulse?: Pulse | undefined;
}

/** A sentence when the code that a journal names at its beginning is lost. Raises "swap-code-changed". */
export function lostCodeText(journal: Journal): string | undefined {
  const hash = firstCodeOf(journal);
  if (hash === undefined || codeNamedIn(journal, hash) !== undefined) return undefined;
  return `${journal.path} begins with code ${hash}, which is neither in it nor in ${codeFolderOf(journal.path)}; this program's own takes its place`;
}

/**
 * The game with which a journal begins, as this process runs it: the one that it carries, or that is kept beside it,
 * where its sources could be edited while it was recorded; else `game`, and when that takes the place of code that is lost,
 * `note` is told. Raises "swap-code-changed" and "code-unloadable".
 */
export async function firstGameOf(journal: Journal, game: Game, note: (text: string) => void): Promise<Game> {
  const lost = lostCodeText(journal);
  if (lost !== undefined) note(lost);
  const hash = firstCodeOf(journal);
  const code = hash === undefined ? undefined : codeNamedIn(journal, hash);
  return code === undefined ? playedGame(game) : loadRecorded(journal, code);
}

/** Nobody saves it again, and no world goes on without it. */
async function loadRecorded({ path }: Journal, code: Code): Promise<Game> {
  try {
    return await loadGame(code);
  } catch (thrown) {
    if (!(thrown instanceof FaultError) || thrown.fault.kind !== "swap-unloadable") throw thrown;
    const { problem, place } = thrown.fault.fields;
    const told = `${problem.replace(/\.$/, "")}${place === "" ? "" : ` (${place})`}`;
    return raise("code-unloadable", { path, code: code.hash, problem: told }, thrown.cause);
  }
}

/** `game` is the code with which the journal begins. */
export function replayHost(
  journal: Journal,
  game: Game,
  { findCode, audit = false, pulse }: ReplayHostOptions = {},
): ReplayHost {
  const stored: FindCode = async (hash, { tick }) => {
    const code = codeNamedIn(journal, hash);
    return code === undefined
      ? raise("swap-unreplayable", { path: journal.path, tick, code: hash })
      : loadRecorded(journal, code);
  };
  const subsystems = (): readonly SubsystemDefinition[] => (audit ? [auditSubsystem({ checkDerived })] : []);
  return {
    clock: hostClock,
    decompressor: hostDecompressor,
    swaps: swapHost(journal, game, findCode ?? stored, subsystems, pulse),
    subsystems: subsystems(),
    pulse,
  };
}
