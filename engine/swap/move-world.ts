/**
 * Moves the saved state of a world to another program: the bytes of each region of the world after, made from those of
 * the world before. Nothing of a running world is touched; what comes of it is put back like any other save.
 *
 * The rule a reader could break: every region of the world after has a rule here by its name. One without a rule would
 * begin as zeros and nobody would notice, so it is an assertion.
 */
import { assert } from "../base/assertions.ts";
import { randomStateWords, seedStream } from "../base/random.ts";
import { componentsPerMaskRow, headerWord } from "../ecs/store.ts";
import { seatHeadWords } from "../input/seats.ts";
import { SavedWorld } from "../sim/saved-world.ts";
import { Columns } from "./columns.ts";
import { type MovePlan, refuse } from "./plan-move.ts";

export interface MoveTarget {
  /** Names of the regions of a world after, in the order of its saves. */
  readonly regions: readonly string[];
  readonly seed: number;
}

export interface MovedWorld {
  readonly world: SavedWorld;
  /** What became of values that the program after does not allow, a sentence each. */
  readonly report: readonly string[];
}

/**
 * The state of `saved` in the form of the program after. `into` is an older one whose memory is used again. Raises
 * "swap-refused" for components in use that are gone and for limits that the world has outgrown, and "migration-failed".
 */
export function moveWorld(plan: MovePlan, saved: SavedWorld, target: MoveTarget, into = new SavedWorld()): MovedWorld {
  const header = wordsOf(saved.bytesOf("Header"));
  const slots = header[headerWord.peakSlots]!;
  const { limits } = plan.after;
  if (slots > limits.entities + 1)
    refuse(
      "limits.entities",
      `at least ${slots - 1}, for that many entities have lived at once,`,
      String(limits.entities),
      `Give at least ${slots - 1}.`,
    );
  const columns = new Columns(plan, saved, slots);
  const bytes = new Map<string, Uint8Array>(columns.regions());
  for (const name of ["Header", "Entities.dense", "Entities.sparse", "Entities.generation"])
    bytes.set(name, saved.bytesOf(name));
  bytes.set("Random.streams", moveStreams(plan, saved, target.seed));
  moveEvents(plan, saved, bytes);
  bytes.set("Input.seats", moveSeats(plan, saved));
  bytes.set("Resources.versions", moveVersions(plan, saved));
  const parts = target.regions.map((name) => {
    const part = bytes.get(name);
    assert(part !== undefined, "every region of a world has a rule for moving", { name });
    return [name, part] as const;
  });
  into.begin(
    parts.length,
    parts.reduce((sum, [, part]) => sum + part.length + 16, 0),
  );
  for (const [name, part] of parts) into.add(name, part);
  return { world: into, report: columns.report };
}

/** Numbers of the components that an entity has somewhere, in a save of the world before. */
export function componentsInUse(saved: SavedWorld, count: number): ReadonlySet<number> {
  const used = new Set<number>();
  for (let number = 0; number < count; number++) {
    const row = wordsOf(saved.bytesOf(`Entities.mask${Math.floor(number / componentsPerMaskRow)}`));
    const bit = 1 << (number % componentsPerMaskRow);
    for (let index = 1; index < row.length; index++)
      if ((row[index]! & bit) !== 0) {
        used.add(number);
        break;
      }
  }
  return used;
}

/** Raises "swap-refused" when entities have components that the program after does not know. */
export function checkUse(plan: MovePlan, saved: SavedWorld): void {
  if (plan.mustBeUnused.length === 0) return;
  const used = componentsInUse(saved, plan.before.components.length);
  for (const { number, name } of plan.mustBeUnused)
    if (used.has(number))
      refuse(
        `component ${name}`,
        "in use by entities",
        "gone",
        `Keep it, give a migration from it, or list "${name}" in the game's drops to lose its values.`,
      );
}

/** Streams by the names of their systems; a new system's begins as it would in a new world. */
function moveStreams({ streams, afterShape }: MovePlan, saved: SavedWorld, seed: number): Uint8Array {
  const before = wordsOf(saved.bytesOf("Random.streams"));
  const after = new Uint32Array(streams.length * randomStateWords);
  streams.forEach((from, number) => {
    const at = number * randomStateWords;
    if (from < 0) seedStream(after, at, seed, afterShape.streams[number]!);
    else after.set(before.subarray(from * randomStateWords, (from + 1) * randomStateWords), at);
  });
  return bytesOf(after);
}

/** Rows of the kinds that are as they were; the others begin empty. */
function moveEvents({ before, afterShape, events }: MovePlan, saved: SavedWorld, bytes: Map<string, Uint8Array>): void {
  for (const region of ["Events.counts", "Events.before", "Events.dropped", "Events.droppedTotal"]) {
    const old = wordsOf(saved.bytesOf(region));
    const words = new Uint32Array(Math.max(1, events.length));
    events.forEach((from, number) => {
      if (from >= 0) words[number] = old[from]!;
    });
    bytes.set(region, bytesOf(words));
  }
  afterShape.events.forEach(({ name, columns }, number) => {
    const kind = before.events[events[number]!];
    for (const column of columns)
      bytes.set(`${name}.${column}`, kind === undefined ? new Uint8Array(0) : saved.bytesOf(`${name}.${column}`));
  });
}

/** Seats with the words of the controls that are still there. */
function moveSeats({ before, after, controls }: MovePlan, saved: SavedWorld): Uint8Array {
  const old = wordsOf(saved.bytesOf("Input.seats"));
  const stride = seatHeadWords + before.controls.length;
  const newStride = seatHeadWords + controls.length;
  const seats = new Uint32Array(after.limits.players * newStride);
  for (let seat = 0; seat < before.limits.players; seat++) {
    seats.set(old.subarray(seat * stride, seat * stride + seatHeadWords), seat * newStride);
    controls.forEach((from, control) => {
      if (from >= 0) seats[seat * newStride + seatHeadWords + control] = old[seat * stride + seatHeadWords + from]!;
    });
  }
  return bytesOf(seats);
}

/** Versions of the world resources that are still there, under the numbers that they have now. */
function moveVersions({ before, after, afterShape }: MovePlan, saved: SavedWorld): Uint8Array {
  const old = wordsOf(saved.bytesOf("Resources.versions"));
  const versions = new Uint32Array(after.limits.resources);
  for (const [name, number] of afterShape.resources) {
    const from = before.resources.find(([known]) => known === name);
    if (from !== undefined) versions[number] = old[from[1]] ?? 0;
  }
  return bytesOf(versions);
}

export function wordsOf(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
}

export function bytesOf(words: Uint32Array | Int32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}
