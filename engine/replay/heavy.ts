/**
 * Heavy mode: at every tick the world is saved, restored into a fresh world, run on there for 1 to 8 ticks, made to spawn
 * and despawn, and held against the line that went on by itself: hashes, next entity ids, the order of every query, and
 * the bytes of a second save. Whatever a save forgets and the world remembers shows here.
 *
 * A save of physics is an image of Rapier's memory. Right after a restore a second one has the same bytes; some ticks
 * later the allocator may have put the same things elsewhere, because a module's memory never shrinks. So there Rapier's
 * own serialisation, which knows no addresses, stands for it.
 *
 * Given an engine, a `HeavyLine` hands on saves and rows of words to compare; the live line and its twins each have one,
 * in threads of their own. After `probe` the line is not itself any more: restore it.
 */
import { observeTicks } from "../audit/observers.ts";
import { avalanche, type Hash64, hashBytes, hashWords } from "../base/hash.ts";
import type { Handle } from "../ecs/handle.ts";
import type { PreparedQuery } from "../ecs/prepared-query.ts";
import type { Engine } from "../engine.ts";
import { boxCollider, RigidBody } from "../physics/components.ts";
import type { SavedPhysics } from "../physics/saved-physics.ts";
import type { PhysicsSubsystem } from "../physics/subsystem.ts";
import { partStateOf, stateNamesOf } from "../running-parts.ts";
import type { SavedState } from "../sim/saved-state.ts";
import type { World } from "../sim/world.ts";
import { Position } from "../transform/components.ts";
import { encodeKeyframe, readKeyframe, savedStateOf } from "./keyframe.ts";

/** The most ticks that a twin runs from one save. */
export const heavyTicksMax = 8;
/** Ids to compare, and free entities that spawning needs. */
const idCount = 8;
const probeTicks = 3;
/** The part whose save holds addresses. */
const physicsName = "physics";

/** How many ticks the twin of the save at `tick` runs: each of 1 to 8 as often, whatever the parity of the tick. */
export function heavyTicks(tick: number): number {
  return 1 + ((tick * 5 + (tick >>> 3)) % heavyTicksMax);
}

/** Whether a save is taken at `tick` when every so many ticks one is. */
export function isSaved(tick: number, every: number): boolean {
  return tick % every === 0;
}

/** Whether some twin ends at `tick`, so that the live line must look at itself there. */
export function isLookedAt(tick: number, every: number): boolean {
  for (let back = 1; back <= heavyTicksMax && back <= tick; back++)
    if (isSaved(tick - back, every) && heavyTicks(tick - back) === back) return true;
  return false;
}

/** What differs, and both sides as text. */
export interface WordDifference {
  readonly what: string;
  readonly expected: string;
  readonly found: string;
}

export class HeavyLine {
  readonly engine: Engine;
  /** What each word of a look is of. */
  readonly names: readonly string[];
  readonly #world: World;
  readonly #queries: readonly (readonly [terms: string, query: PreparedQuery])[];
  readonly #dense: Uint32Array;
  readonly #pair = new Uint32Array(2);
  #saved: SavedState | undefined;
  #roomBytes = -1;

  /** For a started engine whose prepared queries are all made. */
  constructor(engine: Engine) {
    this.engine = engine;
    const { world } = engine;
    this.#world = world;
    this.#queries = world.preparedQueries;
    this.#dense = world.arena.u32(world.regions.dense);
    const orders = this.#queries.map(([terms]) => `the order of query "${terms}"`);
    const structure = ["the next entity ids", ...orders];
    const after = ["the ids given to spawns", "the hash", ...structure];
    this.names = [
      ...["the hash", "the hash"],
      ...world.hash.spans.map(({ name }) => name),
      ...structure,
      ...world.save().names.map((name) => `${name} in a save`),
      ...stateNamesOf(engine.program.parts)
        .filter((name) => name !== physicsName)
        .map((name) => `${name} in a save`),
      ...["the bodies and contacts of physics", "the bodies and contacts of physics"],
      ...after.map((what) => `${what}, after spawns and despawns`),
    ];
  }

  /** Saves what is there now, for `encode`, `look` and `takeBack`. */
  save(): void {
    this.#saved = this.engine.save(this.#saved);
  }

  /** The last save as bytes of a keyframe. */
  encode(): Uint8Array {
    return encodeKeyframe(this.engine, this.#saved!);
  }

  /** Goes back to the last save, in memory. */
  takeBack(): void {
    this.engine.restore(this.#saved!);
  }

  /**
   * Before a save of the live line: lets Rapier's allocator have what looking needs. A line that is taken back forgets
   * that it had grown and would grow again at each look; a memory never shrinks.
   */
  makeRoom(): void {
    const { imageBytes } = this.#savedPhysics() ?? { imageBytes: 0 };
    if (imageBytes === this.#roomBytes) return;
    this.#roomBytes = imageBytes;
    this.#serialisedPhysics();
  }

  /** Restores a keyframe and saves what is there then; tells where that differs from what was restored. */
  restore(bytes: Uint8Array): WordDifference | undefined {
    const { engine } = this;
    const given = savedStateOf(readKeyframe(bytes, "keyframe"), engine, "keyframe");
    engine.restore(given);
    this.save();
    const again = this.#saved!;
    for (const [at, name] of given.world.names.entries()) {
      const difference = bytesDifference(name, given.world.bytesAt(at), again.world.bytesAt(at));
      if (difference !== undefined) return difference;
    }
    for (const [at, { name, state }] of given.parts.entries()) {
      const { state: other } = again.parts[at]!;
      const difference =
        name === physicsName
          ? physicsDifference(state as SavedPhysics, other as SavedPhysics)
          : bytesDifference(
              name,
              partStateOf(engine.program.parts, name).encode(state),
              partStateOf(engine.program.parts, name).encode(other),
            );
      if (difference !== undefined) return difference;
    }
    return undefined;
  }

  /** One word for each name: of the world as it is, of its last save, and of what spawning makes of it. */
  look(): Uint32Array {
    const { hash } = this.#world;
    const saved = this.#saved!;
    const words: number[] = [hash.high, hash.low];
    for (let span = 0; span < hash.spans.length; span++) words.push(hash.results[span * 2]!);
    this.#pushStructure(words);
    for (let at = 0; at < saved.world.names.length; at++) words.push(hashBytes(saved.world.bytesAt(at)).low);
    for (const { name, state } of saved.parts)
      if (name !== physicsName) words.push(hashBytes(partStateOf(this.engine.program.parts, name).encode(state)).low);
    const physics = this.#serialisedPhysics();
    words.push(physics.high, physics.low);
    this.#probe(words);
    return Uint32Array.from(words);
  }

  #savedPhysics(): SavedPhysics | undefined {
    return this.#saved?.parts.find(({ name }) => name === physicsName)?.state as SavedPhysics | undefined;
  }

  /** Rapier's own form of the physics world; making it moves things about in Rapier's memory. */
  #serialisedPhysics(): Hash64 {
    const part = this.engine.program.parts.find(({ name }) => name === physicsName);
    const bytes = (part?.subsystem as PhysicsSubsystem | undefined)?.rapier?.takeSnapshot();
    return bytes === undefined ? { high: 0, low: 0 } : hashBytes(bytes);
  }

  #pushStructure(words: number[]): void {
    const { store } = this.#world;
    let ids = store.aliveCount;
    for (let at = store.aliveCount; at < Math.min(this.#dense.length, store.aliveCount + idCount); at++)
      ids = avalanche((Math.imul(ids, 5) + store.handleOf(this.#dense[at]!)) | 0);
    words.push(ids >>> 0);
    for (const [, query] of this.#queries) words.push(orderOf(query, this.#pair));
  }

  /** Ticks in which entities with and without bodies come and go, at the place in a tick where records enter. */
  #probe(words: number[]): void {
    const world = this.#world;
    const { store } = world;
    const hasRoom = store.limits.entities - store.aliveCount >= idCount * 2;
    const hasBodies = store.schema.numbers.has(RigidBody);
    const given: Handle[] = [];
    const spawn = (at: number): void => {
      // Far below everything, so that they meet nobody but each other's absence.
      const place = Position.of({ x: at * 8, y: -40_000 });
      const body = hasBodies && at % 2 === 0 ? [RigidBody, boxCollider(0.5, 0.5, 0.5)] : [];
      given.push(world.commands.spawn(place, ...body));
    };
    const despawn = (at: number): void => {
      if (store.isAlive(given[at]!)) world.commands.despawn(given[at]!);
    };
    const acts: readonly (() => void)[] = [
      () => [0, 1, 2, 3].forEach(spawn),
      () => {
        [1, 2].forEach(despawn);
        spawn(4);
        if (store.isAlive(given[0]!)) given.push(world.commands.spawnChild(given[0]!, Position));
      },
      () => {
        despawn(0);
        [6, 7].forEach(spawn);
      },
    ];
    let made = 0;
    const end = observeTicks(world, {
      tickBegins() {},
      stepDone({ kind }) {
        if (kind === "door" && hasRoom) acts[made]!();
      },
      tickEnds() {
        made++;
      },
    });
    try {
      while (made < probeTicks) this.engine.step();
    } finally {
      end();
    }
    let ids = given.length;
    for (const handle of given) ids = avalanche((Math.imul(ids, 5) + handle) | 0);
    words.push(ids >>> 0, world.hash.low);
    this.#pushStructure(words);
  }
}

/** A word of the members of a query in their order. */
function orderOf({ entities }: PreparedQuery, pair: Uint32Array): number {
  const whole = entities.length - (entities.length % 16);
  hashWords(entities, 0, whole, pair, 0);
  let hash = pair[0]! ^ entities.length;
  for (let i = whole; i < entities.length; i++) hash = avalanche((Math.imul(hash, 5) + entities[i]!) | 0);
  return hash >>> 0;
}

/** Where two lists of bytes differ. */
function bytesDifference(name: string, expected: Uint8Array, found: Uint8Array): WordDifference | undefined {
  const end = Math.max(expected.length, found.length);
  let at = sameWords(expected, found) * 4;
  while (at < end && expected[at] === found[at]) at++;
  if (at === end) return undefined;
  const text = (bytes: Uint8Array): string => (at < bytes.length ? `byte ${bytes[at]} at ${at}` : "its end");
  return { what: `${name} in a second save`, expected: text(expected), found: text(found) };
}

/** So many words are equal at the beginning; 0 for bytes that do not begin at a word. */
function sameWords(expected: Uint8Array, found: Uint8Array): number {
  if ((expected.byteOffset | found.byteOffset) % 4 !== 0) return 0;
  const count = Math.min(expected.length, found.length) >> 2;
  const a = new Uint32Array(expected.buffer, expected.byteOffset, count);
  const b = new Uint32Array(found.buffer, found.byteOffset, count);
  let at = 0;
  while (at < count && a[at] === b[at]) at++;
  return at;
}

/** As bytesDifference. A memory that had grown before a restore has zeros behind the image, which do not count. */
function physicsDifference(expected: SavedPhysics, found: SavedPhysics): WordDifference | undefined {
  const listsOf = (saved: SavedPhysics): string =>
    JSON.stringify({ ...saved, image: 0, imageBytes: 0, owner: 0, version: 0 });
  const [before, after] = [listsOf(expected), listsOf(found)];
  if (before !== after) return { what: "handles of physics in a second save", expected: before, found: after };
  const imageOf = ({ image, imageBytes }: SavedPhysics): Uint8Array => {
    let end = imageBytes;
    while (end > 0 && image[end - 1] === 0) end--;
    return image.subarray(0, end);
  };
  return bytesDifference("memory of physics", imageOf(expected), imageOf(found));
}

/** The first place at which two looks differ; undefined when none does. */
export function lookDifference(
  names: readonly string[],
  expected: Uint32Array,
  found: Uint32Array,
): WordDifference | undefined {
  const text = (word: number | undefined): string => (word ?? 0).toString(16).padStart(8, "0");
  const differs = (at: number): boolean => expected[at] !== found[at];
  const ends = Math.max(expected.length, found.length);
  // The hash is made of the spans that follow it, and those have names.
  const order = [...Array.from({ length: Math.max(0, ends - 2) }, (_, i) => i + 2), 0, 1];
  const at = order.find(differs);
  if (at === undefined) return undefined;
  return { what: names[at] ?? "the number of words", expected: text(expected[at]), found: text(found[at]) };
}
