/**
 * The job of surfaces: a chunk a turn, in the stage `submit`, which records the turn's commands and hands them
 * in on whatever thread takes it. The turns lie in the job's parameters, because those, unlike outputs, do not
 * alternate: all threads see one memory.
 *
 * A turn that a thread left half done (it died, or its drawing threw) is taken back and done again: the device
 * counts a submission that came twice once.
 */
import { type Field, u32 } from "../ecs/field.ts";
import { type AnyJob, defineJob } from "../jobs/definition.ts";
import { defineOutput } from "../jobs/output.ts";
import {
  type DrawTurn,
  type SurfaceLimits,
  type SurfaceTurn,
  SurfaceTurns,
  surfaceMemoryWords,
} from "../surface/surface-turns.ts";

/** Turns that were handed in, for whoever compares runs. */
export const SurfacesDrawn = defineOutput("SurfacesDrawn", { order: u32, picture: u32, wait: u32 });

/** Names of a turn's spans: two words a turn in the parameter `names`. */
export const turnSpan = { record: 0, submit: 1 } as const;
const spansPerTurn = 2;

/** Called on the thread that draws, between recording and handing in: what a driver does with commands. */
export type HandIn = (turn: SurfaceTurn) => void;

export function surfaceJob(draw: DrawTurn, handIn: HandIn | undefined, limits: SurfaceLimits): AnyJob {
  const words = { scalar: "i32", length: surfaceMemoryWords(limits) } as const satisfies Field;
  const names = { scalar: "u32", length: limits.surfaceCount * spansPerTurn } as const satisfies Field;
  // One view a thread and world, made when a thread first draws; the memory is the world's own.
  const views = new WeakMap<Int32Array, SurfaceTurns>();
  const turnsIn = (memory: Int32Array): SurfaceTurns => {
    let turns = views.get(memory);
    if (turns === undefined) {
      turns = new SurfaceTurns(memory, 0, limits);
      views.set(memory, turns);
    }
    return turns;
  };
  return defineJob({
    name: "surfaces",
    stage: "submit",
    params: { words, names, turnCount: u32 },
    sharedParams: ["words"],
    output: SurfacesDrawn,
    chunkItems: 1,
    itemsMax: () => limits.surfaceCount,
    begin: ({ params }) => params.turnCount[0]!,
    run({ first: number, params, output, pen, tick }) {
      const turns = turnsIn(params.words);
      if (turns.state(number) !== "planned") turns.redo(number);
      const startMicros = pen.nowMicros();
      turns.record(number, draw);
      const recordedMicros = pen.nowMicros();
      const at = number * spansPerTurn;
      pen.span(params.names[at + turnSpan.record]!, startMicros, recordedMicros, tick);
      handIn?.(turns.turn(number));
      turns.submit(number);
      pen.span(params.names[at + turnSpan.submit]!, recordedMicros, pen.nowMicros(), tick);
      const turn = turns.turn(number);
      output.order[0] = turn.order;
      output.picture[0] = turn.picture;
      output.wait[0] = turn.signalValue;
      return 1;
    },
  });
}
