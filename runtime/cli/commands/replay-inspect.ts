/**
 * `replay run` with something to see: the world of a journal at one tick, with dumps of its entities, and a journal's
 * records on other code. Without such an option, replay-run.ts lets the journal happen again to its end.
 */
import { raise } from "../../../engine/base/faults.ts";
import { hashHex } from "../../../engine/base/hash.ts";
import { dumpComponent, dumpEntity, dumpLines, type EntityDump } from "../../../engine/replay/dump.ts";
import type { Journal } from "../../../engine/replay/journal.ts";
import { Replay } from "../../../engine/replay/replay.ts";
import { openJournal } from "../../replay/journal-source.ts";
import { gameOfFile } from "../../replay/other-code.ts";
import { firstGameOf, replayHost } from "../../replay/replay-host.ts";
import type { CommandContext } from "../command-line.ts";
import { type ExitCode, exitCode } from "../exit-codes.ts";
import { diffRerun } from "./replay-diff.ts";

export interface InspectOptions {
  readonly toTick?: number;
  readonly dump?: readonly number[];
  readonly dumpAll?: string;
  readonly code?: string;
  readonly against?: string;
  readonly audit?: boolean;
  readonly silenceLimit?: number;
}

/** Whether the options ask for more than that the journal happens again. */
export function wantsInspection({ toTick, dump, dumpAll, code }: InspectOptions): boolean {
  return toTick !== undefined || dump !== undefined || dumpAll !== undefined || code !== undefined;
}

export async function replayInspect(context: CommandContext, options: InspectOptions, path: string): Promise<ExitCode> {
  const { game, terminal } = context;
  const journal = openJournal(path);
  if (options.code !== undefined) return diffRerun(context, journal, game, await gameOfFile(options.code), true);
  const tick = options.toTick ?? journal.lastTick;
  refuseElsewhere(journal, tick);
  const keyframe = journal.keyframeBefore(tick);
  terminal.status(`${path}: going to tick ${tick} from ${keyframe === undefined ? "the beginning" : keyframe.tick}`);
  const played = await firstGameOf(journal, game);
  using replay = await Replay.at(journal, played, replayHost(journal, played, { audit: options.audit }), tick);
  const { world } = replay;
  const recorded = journal.hashOf(tick) ?? { high: 0, low: 0 };
  const hash = hashHex(world.hash.high, world.hash.low);
  const isAsRecorded = hash === hashHex(recorded.high, recorded.low);
  const dumps: EntityDump[] = (options.dump ?? []).map((entity) => dumpEntity(world, entity));
  if (options.dumpAll !== undefined) dumps.push(...dumpComponent(world, options.dumpAll));
  const from = keyframe === undefined ? "" : `, from the keyframe behind tick ${keyframe.tick}`;
  const verdict = isAsRecorded ? "as recorded" : `recorded ${hashHex(recorded.high, recorded.low)}`;
  terminal.line(`${path}: tick ${tick}${from}, hash ${hash}, ${verdict}`);
  for (const dump of dumps) for (const line of dumpLines(dump)) terminal.line(line);
  terminal.value({ path, tick, hash, isAsRecorded, fromTick: keyframe?.tick ?? 0, entities: dumps });
  return isAsRecorded ? exitCode.ok : exitCode.desync;
}

function refuseElsewhere({ path, startTick, lastTick }: Journal, tick: number): void {
  if (tick >= startTick && tick <= lastTick) return;
  raise("usage", {
    problem: `Tick ${tick} is not on record in ${path}.`,
    suggestion: `Give a tick from ${startTick} to ${lastTick}.`,
  });
}
