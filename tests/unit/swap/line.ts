/** A world of the harbour on its way through swaps, and what it holds, for tests. */
import { Engine } from "../../../engine/engine.ts";
import type { Game } from "../../../engine/game.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { Swap, successorPorts } from "../../../engine/swap/swap.ts";
import { engineOf, type HarbourOptions, harbour } from "./harbour.ts";

export const engines: Engine[] = [];
/** Disposes of the engines that were made since the last time. */
export function disposeAll(): void {
  for (const engine of engines.splice(0)) engine.dispose();
}

/** A world of `options`, so many ticks on. */
export async function started(options: HarbourOptions = {}, ticks = 40): Promise<Engine> {
  const engine = engineOf(harbour(options));
  engines.push(engine);
  await engine.start();
  admit(engine);
  for (let i = 0; i < ticks; i++) engine.step();
  return engine;
}

/** A player who steers and holds the horn. */
function admit({ world, program }: Engine): void {
  const names = Object.keys(program.controls.controls).sort();
  const control = (name: string): number => names.indexOf(name);
  world.door.admit({ kind: "join", player: 3, name: "Anna" });
  world.door.admit({ kind: "axis", player: 3, control: control("steer"), value: -0.5 });
  world.door.admit({ kind: "button", player: 3, control: control("horn"), down: true });
}

/** Makes the engine of `options` go on with the world of `before`. */
export async function swapped(before: Engine, options: HarbourOptions): Promise<Swap> {
  return swappedTo(before, harbour(options));
}

/** Makes an engine of `game` go on with the world of `before`. */
export async function swappedTo(before: Engine, game: Game): Promise<Swap> {
  const after = new Engine(game, successorPorts(before, { clock: new ManualClock() }), {
    seed: before.world.seed,
    isSuccessor: true,
  });
  engines.push(after);
  const swap = new Swap(before, after, game);
  await swap.allocate();
  swap.warm()();
  before.step();
  swap.commit();
  return swap;
}

/** Component values of every alive entity, and its parent, by name. */
export function contentOf({ world }: Engine): Record<string, unknown>[] {
  const found: Record<string, unknown>[] = [];
  for (let index = 1; index <= world.limits.entities; index++) {
    const handle = world.store.handleOf(index);
    if (!world.store.isAlive(handle)) continue;
    const values: Record<string, unknown> = { handle };
    for (const component of world.store.componentsOf(index)) {
      const columns = world.store.columnsOf(component);
      values[component.name] = Object.fromEntries(
        Object.keys(component.fields)
          .sort()
          .map((field) => {
            const { length } = component.fields[field]!;
            return [field, [...columns[field]!.subarray(index * length, (index + 1) * length)]];
          }),
      );
    }
    found.push(values);
  }
  return found;
}

export function without(content: Record<string, unknown>[], component: string): Record<string, unknown>[] {
  return content.map(({ [component]: _, ...rest }) => rest);
}

export function fieldsOf(content: Record<string, unknown>[], component: string, field: string): unknown[] {
  return content.flatMap((values) => {
    const fields = values[component] as Record<string, unknown> | undefined;
    return fields === undefined ? [] : [fields[field]];
  });
}

export function hashesOf(engine: Engine, count: number): string[] {
  return Array.from({ length: count }, () => {
    engine.step();
    return `${engine.world.hash.high}:${engine.world.hash.low}`;
  });
}
