/**
 * The roles of heavy mode. "heavy-live" runs the world from its first tick to its last and saves it after each;
 * "heavy-twin" restores those saves into worlds of its own and runs them on. They are threads of their own because a save
 * of physics is the memory of Rapier's module, and each thread has a module of its own.
 *
 *     live ──save of tick T──▶ twin      restore, T+1 .. T+d, look
 *       │                        │
 *       └──ticks, looks──▶ main ◀┘       equal, or a fault
 *
 * The live line spawns and despawns too where a twin does, and is taken back to its save; its ticks are held against
 * a plain run's by whoever called.
 */
import { type MessagePort, parentPort, receiveMessageOnPort } from "node:worker_threads";
import { type Fault, faultOf, raise } from "../../engine/base/faults.ts";
import { Engine } from "../../engine/engine.ts";
import type { Game } from "../../engine/game.ts";
import { HeavyLine, heavyTicks, isLookedAt, isSaved } from "../../engine/replay/heavy.ts";
import { hostClock } from "../host/clock.ts";
import type { ThreadData } from "../host/threads.ts";
import { beginExamination, type Examination, type ExaminationOrder } from "./examination.ts";
import { scriptSubsystem } from "./script.ts";
import { type Testimony, Witness } from "./witness.ts";
import type { WitnessOrder } from "./witness-run.ts";

export interface HeavyThreadData extends ThreadData {
  readonly role: "heavy-live" | "heavy-twin";
  readonly order: Pick<WitnessOrder, "seed" | "tickCount" | "script" | "settings">;
  /** A save is taken every so many ticks. */
  readonly every: number;
  /** What both lines are to look at closely: in the live line, and in the twin of the save of tick `saved`. */
  readonly examine: (ExaminationOrder & { readonly saved: number }) | undefined;
  /** Live: one port for each twin. Twin: one. */
  readonly ports: readonly MessagePort[];
  /** Words `heavyWord`, one table for each port. */
  readonly words: readonly SharedArrayBuffer[];
  /** Word 0: ticks of the live line. */
  readonly progress: SharedArrayBuffer;
}

/** Sent saves and those that are done with; who waits, waits on one of them. */
export const heavyWord = { sent: 0, done: 1 } as const;

/** One tick, as either line made it: its hash, and one word of each span of the state. */
export interface SeenTick {
  readonly tick: number;
  readonly high: number;
  readonly low: number;
  readonly words: Uint32Array;
}

export interface HeavyExamination {
  readonly kind: "examined";
  readonly side: "live" | "twin";
  readonly examination: Examination;
}

export type HeavyMessage =
  /** Of the words of a tick, and of those of a look. */
  | { readonly kind: "names"; readonly spans: readonly string[]; readonly looks: readonly string[] }
  /** A tick of the live line, and what it saw of itself there; empty where no twin ends. */
  | { readonly kind: "lived"; readonly seen: SeenTick; readonly look: Uint32Array }
  /** What became of a save: each tick that was run, and the look at the last one. */
  | { readonly kind: "ran"; readonly saved: number; readonly seen: readonly SeenTick[]; readonly look: Uint32Array }
  | HeavyExamination
  | { readonly kind: "faulted"; readonly fault: Fault }
  | { readonly kind: "ended"; readonly testimony: Testimony | undefined; readonly elapsedMillis: number };

/** From the live line to a twin; undefined is the end. */
type Save = { readonly tick: number; readonly bytes: Uint8Array } | undefined;

/** Saves that may wait for a twin. */
const backlogMax = 3;
/** A twin's engine is made anew after so many restores. */
const restoresMax = 64;

/** Runs the role "heavy-live" or "heavy-twin". */
export async function runHeavyRole(game: Game, data: HeavyThreadData): Promise<void> {
  const port = parentPort!;
  const say = (message: HeavyMessage): void => port.postMessage(message);
  try {
    if (data.role === "heavy-live") await runLive(game, data, say);
    else await runTwin(game, data, say);
  } catch (thrown) {
    say({ kind: "faulted", fault: faultOf(thrown) });
  } finally {
    for (const open of data.ports) open.close();
    port.close();
  }
}

async function runLive(game: Game, data: HeavyThreadData, say: (message: HeavyMessage) => void): Promise<void> {
  const { order, every } = data;
  const progress = new Int32Array(data.progress);
  const witness = new Witness(false);
  const engine = new Engine(
    game,
    { clock: hostClock },
    {
      ...{ seed: order.seed, settings: order.settings ?? {} },
      subsystems: [scriptSubsystem(order.script), witness.definition],
    },
  );
  await engine.start();
  const line = new HeavyLine(engine);
  say({ kind: "names", spans: engine.world.hash.spans.map(({ name }) => name), looks: line.names });
  const startMicros = hostClock.nowMicros();
  let next = 0;
  for (let tick = 0; ; tick++) {
    const isSent = isSaved(tick, every) && tick < order.tickCount;
    const isLooked = isLookedAt(tick, every);
    // Looking runs on from here and is taken back, which leaves the words of later ticks behind.
    const seen = seenTick(engine);
    let look: Uint32Array = new Uint32Array(0);
    if (isSent || isLooked) {
      line.makeRoom();
      line.save();
      const bytes = isSent ? line.encode() : undefined;
      if (isLooked) {
        witness.isPaused = true;
        look = line.look();
        line.takeBack();
        witness.isPaused = false;
      }
      if (bytes !== undefined) send(data, next++ % data.ports.length, { tick, bytes });
    }
    say({ kind: "lived", seen, look });
    if (tick === order.tickCount) break;
    step(engine, data, "live", say);
    Atomics.store(progress, 0, tick + 1);
  }
  const elapsedMillis = (hostClock.nowMicros() - startMicros) / 1_000;
  for (let at = 0; at < data.ports.length; at++) send(data, at, undefined);
  const { testimony } = witness;
  engine.dispose();
  say({ kind: "ended", testimony, elapsedMillis });
}

function seenTick({ world }: Engine): SeenTick {
  const { high, low, spans, results } = world.hash;
  // A result is (low, high); the low word tells spans apart.
  return { tick: world.tickCount, high, low, words: Uint32Array.from(spans, (_, span) => results[span * 2]!) };
}

/** Makes one tick, under examination when it is the one that this line is to look at. */
function step(
  engine: Engine,
  { examine }: HeavyThreadData,
  side: HeavyExamination["side"] | undefined,
  say: (message: HeavyMessage) => void,
): void {
  const isExamined = examine !== undefined && side !== undefined && engine.world.tickCount + 1 === examine.tick;
  const finish = isExamined ? beginExamination(engine.world, examine) : undefined;
  engine.step();
  if (finish !== undefined) say({ kind: "examined", side: side!, examination: finish() });
}

/** Hands a save to a twin when it has room for it. */
function send({ ports, words }: HeavyThreadData, at: number, save: Save): void {
  const table = new Int32Array(words[at]!);
  for (;;) {
    const done = Atomics.load(table, heavyWord.done);
    if (Atomics.load(table, heavyWord.sent) - done < backlogMax) break;
    Atomics.wait(table, heavyWord.done, done, 1_000);
  }
  const copy = save === undefined ? undefined : { tick: save.tick, bytes: save.bytes.slice() };
  ports[at]!.postMessage({ save: copy }, copy === undefined ? [] : [copy.bytes.buffer]);
  Atomics.add(table, heavyWord.sent, 1);
  Atomics.notify(table, heavyWord.sent);
}

async function runTwin(game: Game, data: HeavyThreadData, say: (message: HeavyMessage) => void): Promise<void> {
  const { order } = data;
  const table = new Int32Array(data.words[0]!);
  let line: HeavyLine | undefined;
  let restoreCount = 0;
  for (let save = await receive(data, table); save !== undefined; save = await receive(data, table)) {
    if (line === undefined || restoreCount % restoresMax === 0) {
      line?.engine.dispose();
      line = await freshLine(game, order);
    }
    restoreCount++;
    const { engine } = line;
    const again = line.restore(save.bytes);
    if (again !== undefined) {
      const nobody = { component: "", field: "", entity: 0, expectedWriter: "", foundWriter: "" };
      raise("heavy-differs", { ...nobody, saved: save.tick, tick: save.tick, ...again });
    }
    const ticks = Math.min(heavyTicks(save.tick), order.tickCount - save.tick);
    const seen: SeenTick[] = [];
    while (seen.length < ticks) {
      step(engine, data, save.tick === data.examine?.saved ? "twin" : undefined, say);
      seen.push(seenTick(engine));
    }
    // Near the end of a run the live line may stop where it looks no more.
    let look: Uint32Array = new Uint32Array(0);
    if (ticks === heavyTicks(save.tick)) {
      line.save();
      look = line.look();
    }
    say({ kind: "ran", saved: save.tick, seen, look });
    Atomics.add(table, heavyWord.done, 1);
    Atomics.notify(table, heavyWord.done);
  }
  line?.engine.dispose();
  say({ kind: "ended", testimony: undefined, elapsedMillis: 0 });
}

async function freshLine(game: Game, { seed, script, settings = {} }: HeavyThreadData["order"]): Promise<HeavyLine> {
  // A witness has no state, but the plan and the names of a look are those of the live line.
  const witness = new Witness(false);
  witness.isPaused = true;
  const subsystems = [scriptSubsystem(script), witness.definition];
  const engine = new Engine(game, { clock: hostClock }, { seed, settings, subsystems });
  await engine.start();
  return new HeavyLine(engine);
}

/** The next save; blocks the thread until there is one. */
async function receive({ ports }: HeavyThreadData, table: Int32Array): Promise<Save> {
  for (;;) {
    const sent = Atomics.load(table, heavyWord.sent);
    const message = receiveMessageOnPort(ports[0]!) as { readonly message: { readonly save: Save } } | undefined;
    if (message !== undefined) return message.message.save;
    Atomics.wait(table, heavyWord.sent, sent, 1_000);
    // What this thread says goes out only when it does not block for ever.
    await Promise.resolve();
  }
}
