/**
 * The audit of derived values: each is computed again and compared with the one that systems read. Given a world between
 * two ticks, or as an observer where one begins or ends, it raises "derived-wrong" for the first value that is not what its
 * columns and parameters give, and says why: a dependency that it does not name, a reader that wrote into it, or a compute
 * that is no function. The world is left as it was.
 *
 * Which column is missing is found by trial: a column that changed since the value was computed has its bytes turned
 * round for a moment, and if that gives another value, compute reads it.
 */
import { FaultError, raise } from "../base/faults.ts";
import type { HashedSpan } from "../ecs/store.ts";
import type { DerivedSlot } from "./derived.ts";
import type { World } from "./world.ts";

/** Raises "derived-wrong". From the first call on, the world's values are computed twice each time, so it costs. */
export function checkDerived(world: World): void {
  const { derived } = world;
  derived.isAudited = true;
  for (const slot of derived.slots) checkWitness(world, slot);
  // This is what the next tick would do first, and it does nothing then. A tick that begins has a number already.
  derived.update(derived.madeTick === world.tickCount ? world.tickCount + 1 : world.tickCount);
  for (const slot of derived.slots) {
    checkWitness(world, slot);
    const fresh = checkFresh(world, slot);
    slot.witness ??= { value: fresh };
  }
}

/** Held against the result of the same moment that nobody was handed. */
function checkWitness(world: World, slot: DerivedSlot): void {
  const path = slot.witness === undefined ? undefined : difference(slot.value, slot.witness.value);
  if (path === undefined) return;
  checkPurity(world, slot, path);
  const systems = Object.values(world.program.order).flat();
  const readers = systems.filter(({ derived = [] }) => derived.includes(slot.definition)).map(({ name }) => name);
  refuse(
    world,
    slot,
    path,
    `a reader wrote into it (it is read by ${readers.join(", ") || "no system"})`,
    "Copy what is to be changed; a derived value is read only.",
  );
}

function checkPurity(world: World, slot: DerivedSlot, path: string): void {
  if (difference(slot.compute(), slot.compute()) === undefined) return;
  refuse(world, slot, path, "computing it twice gives two values", "Compute it from its context alone.");
}

/** Held against what the columns give now. */
function checkFresh(world: World, slot: DerivedSlot): unknown {
  const column = columnIn(slot.value, world.arena.buffer);
  if (column !== undefined)
    refuse(
      world,
      slot,
      column,
      "it hands out a column itself, which changes within a tick",
      "Copy what is read of it.",
    );
  const fresh = slot.compute();
  const path = difference(slot.value, fresh);
  if (path === undefined) return fresh;
  checkPurity(world, slot, path);
  const { spans, changedTicks } = world.hash;
  const missing = spans
    .filter((span, number) => changedTicks[number]! > slot.atTick && !slot.spans.includes(number) && isTried(span))
    .filter((span) => isRead(world, slot, span, fresh))
    .map(({ name }) => name);
  if (missing.length > 0)
    refuse(
      world,
      slot,
      path,
      `it reads ${missing.join(", ")}, which it does not name`,
      `Name ${missing.join(", ")} in \`from\`, and read what the context gives.`,
    );
  return refuse(
    world,
    slot,
    path,
    "nothing that it names changed, nor any column that it reads besides",
    "Name in `params` what else it reads, such as a setting or the tick; and let no reader write into it.",
  );
}

function refuse(
  world: World,
  { definition, atTick }: DerivedSlot,
  path: string,
  problem: string,
  remedy: string,
): never {
  raise("derived-wrong", {
    ...{ derived: definition.name, path: `${definition.name}${path}`, problem, remedy },
    ...{ computedTick: atTick, tick: world.tickCount },
  });
}

/** What can be turned round while compute runs: not what drawing or entities would trip over. */
function isTried({ name }: HashedSpan): boolean {
  return name !== "Entities.dense" && !name.startsWith("Random.") && !name.startsWith("Input.");
}

function isRead(world: World, slot: DerivedSlot, span: HashedSpan, fresh: unknown): boolean {
  const byteLength = span.slotBytes * span.counter[span.counterIndex]!;
  const bytes = new Uint8Array(world.arena.buffer, span.byteOffset, byteLength);
  const turn = (): void => {
    for (let i = 0; i < byteLength; i++) bytes[i] = ~bytes[i]!;
  };
  turn();
  try {
    return difference(slot.compute(), fresh) !== undefined;
  } catch (thrown) {
    // It went astray on a value that cannot be: so it has read it.
    if (thrown instanceof FaultError) return true;
    throw thrown;
  } finally {
    turn();
  }
}

/** Where a value holds a view of the arena; undefined when it does not. */
function columnIn(value: unknown, arena: ArrayBufferLike): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (ArrayBuffer.isView(value)) return value.buffer === arena ? "" : undefined;
  const parts: readonly (readonly [string, unknown])[] =
    value instanceof Map || value instanceof Set
      ? [...value.values()].map((part, i) => [`[${i}]`, part])
      : Object.entries(value).map(([name, part]) => [Array.isArray(value) ? `[${name}]` : `.${name}`, part]);
  for (const [name, part] of parts) {
    const path = columnIn(part, arena);
    if (path !== undefined) return `${name}${path}`;
  }
  return undefined;
}

/** Where two values differ, as a path such as ".cells[3]"; undefined when they are equal, bit for bit. */
export function difference(a: unknown, b: unknown): string | undefined {
  if (Object.is(a, b)) return undefined;
  if (typeof a === "function" && typeof b === "function") return undefined;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return "";
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return "";
  if (ArrayBuffer.isView(a) || Array.isArray(a)) return listDifference(a as never, b as never);
  if (a instanceof Map) {
    const path = listDifference([...a.keys()], [...(b as typeof a).keys()]);
    return path === undefined ? listDifference([...a.values()], [...(b as typeof a).values()]) : `.keys${path}`;
  }
  if (a instanceof Set) return listDifference([...a], [...(b as typeof a)]);
  const names = Object.keys(a);
  if (listDifference(names, Object.keys(b)) !== undefined) return ".keys";
  for (const name of names) {
    const path = difference((a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name]);
    if (path !== undefined) return `.${name}${path}`;
  }
  return undefined;
}

function listDifference(a: ArrayLike<unknown>, b: ArrayLike<unknown>): string | undefined {
  if (a.length !== b.length) return ".length";
  for (let i = 0; i < a.length; i++) {
    const path = difference(a[i], b[i]);
    if (path !== undefined) return `[${i}]${path}`;
  }
  return undefined;
}
