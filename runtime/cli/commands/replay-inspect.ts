/**
 * `replay run` with something to see: the world of a journal at one tick, with dumps of its entities, and a journal's
 * records on other code. Without such an option, replay-run.ts lets the journal happen again to its end.
 */
import { raise } from "../../../engine/base/faults.ts";
import { hashHex } from "../../../engine/base/hash.ts";
import { jobProgram } from "../../../engine/game.ts";
import { dumpComponent, dumpEntity, dumpLines, type EntityDump, refuseComponent } from "../../../engine/replay/dump.ts";
import { Replay } from "../../../engine/replay/replay.ts";
import { openJournal } from "../../replay/journal-source.ts";
import { refuseEntityElsewhere, refuseTickElsewhere } from "../../replay/on-record.ts";
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

/** Other code is compared from the beginning to where it parts: there is no tick and no entity to choose. Raises "usage". */
function refuseSights({ toTick, dump, dumpAll }: InspectOptions): void {
  const given = { "--to-tick": toTick, "--dump": dump, "--dump-all": dumpAll };
  const [wrong] = Object.keys(given).filter((name) => given[name as keyof typeof given] !== undefined);
  if (wrong === undefined) return;
  raise("usage", {
    problem: `${wrong} shows the line on record, and --code asks where other code parts from it.`,
    suggestion: `Give one of the two; the values by which they part are told without ${wrong}.`,
  });
}

export async function replayInspect(context: CommandContext, options: InspectOptions, path: string): Promise<ExitCode> {
  const { game, terminal } = context;
  const journal = openJournal(path);
  const note = (text: string): void => terminal.note(text);
  if (options.code !== undefined) {
    refuseSights(options);
    const own = await firstGameOf(journal, game, note);
    return diffRerun(context, journal, own, await gameOfFile(options.code, game), true, options.audit);
  }
  const tick = options.toTick ?? journal.lastTick;
  refuseTickElsewhere(journal, tick, journal.startTick);
  refuseEntityElsewhere(journal, tick, options.dump ?? []);
  const keyframe = journal.keyframeBefore(tick);
  terminal.status(`${path}: going to tick ${tick} from ${keyframe === undefined ? "the beginning" : keyframe.tick}`);
  const played = await firstGameOf(journal, game, note);
  const { schema } = jobProgram(played);
  const isThere = schema.components.some(({ name }) => name === options.dumpAll);
  // Behind a swap there may be others, so it is asked again there.
  if (options.dumpAll !== undefined && !isThere && journal.swaps.length === 0)
    refuseComponent(options.dumpAll, schema.components);
  using replay = await Replay.at(journal, played, replayHost(journal, played, { audit: options.audit }), tick);
  const { world } = replay;
  const onRecord = journal.hashOf(tick);
  const recorded = onRecord && hashHex(onRecord.high, onRecord.low);
  const hash = hashHex(world.hash.high, world.hash.low);
  // The state that the first tick begins with has no hash; null is what JSON has for that.
  const isAsRecorded = recorded === undefined ? null : hash === recorded;
  const dumps: EntityDump[] = (options.dump ?? []).map((entity) => dumpEntity(world, entity));
  if (options.dumpAll !== undefined) dumps.push(...dumpComponent(world, options.dumpAll));
  const from = keyframe === undefined ? "" : `, from the keyframe behind tick ${keyframe.tick}`;
  const verdict = isAsRecorded === true ? "as recorded" : `recorded ${recorded}`;
  const found = recorded === undefined ? "as it begins, before any hash is on record" : `hash ${hash}, ${verdict}`;
  terminal.line(`${path}: tick ${tick}${from}, ${found}`);
  for (const dump of dumps) for (const line of dumpLines(dump)) terminal.line(line);
  terminal.value({ path, tick, hash, isAsRecorded, fromTick: keyframe?.tick ?? 0, entities: dumps });
  return isAsRecorded === false ? exitCode.desync : exitCode.ok;
}
