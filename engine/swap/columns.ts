/**
 * Columns and presence of a moved world: which entity has which component of the program after, and with which values.
 *
 * Given a plan and the save of the world before; hands on the bytes of the regions `Entities.maskN`, `.used`, `.changed`
 * and of each column. The rules a reader could break: a slot of an entity that lacks the component is zeros; and who has
 * it only since now, because another one requires it, has defaults of the program after, which nothing turns over.
 */
import { FaultError, faultText, placeOf, raise } from "../base/faults.ts";
import type { Component, InitialValues } from "../ecs/component.ts";
import { type Column, columnOver, type Field, fieldBytes, valueProblem } from "../ecs/field.ts";
import type { Migration } from "../ecs/migration.ts";
import { componentsPerMaskRow, headerWord } from "../ecs/store.ts";
import { fitsSetting, nearestFit, settingNames } from "../input/config.ts";
import type { SavedWorld } from "../sim/saved-world.ts";
import { bytesOf, wordsOf } from "./move-world.ts";
import { type ComponentMove, type FieldMove, type MovePlan, refuse, settingSentence } from "./plan-move.ts";

export class Columns {
  /** What became of values that the program after does not allow, a sentence each. */
  readonly report: string[] = [];
  readonly #plan: MovePlan;
  readonly #saved: SavedWorld;
  readonly #slots: number;
  readonly #masks: readonly Int32Array[];
  readonly #used: Uint32Array;
  readonly #changed: Uint32Array;
  /** For each component, the entities that have it since now, because another one requires it. */
  readonly #given: readonly (readonly number[])[];
  readonly #bytes = new Map<string, Uint8Array>();

  constructor(plan: MovePlan, saved: SavedWorld, slots: number) {
    this.#plan = plan;
    this.#saved = saved;
    this.#slots = slots;
    const count = plan.components.length;
    this.#masks = Array.from({ length: Math.ceil(count / componentsPerMaskRow) }, () => new Int32Array(slots));
    this.#used = new Uint32Array(count);
    this.#changed = new Uint32Array(count);
    const tick = wordsOf(saved.bytesOf("Header"))[headerWord.tick]!;
    this.#movePresence(tick);
    this.#given = this.#require(tick);
    for (const move of plan.components) this.#moveColumns(move);
    for (const move of plan.components) for (const migration of move.migrations) this.#migrate(move, migration);
    this.#fitSettings(tick);
  }

  *regions(): Generator<readonly [string, Uint8Array]> {
    yield ["Entities.used", bytesOf(this.#used)];
    yield ["Entities.changed", bytesOf(this.#changed)];
    for (let row = 0; row < this.#masks.length; row++) yield [`Entities.mask${row}`, bytesOf(this.#masks[row]!)];
    yield* this.#bytes;
  }

  #has(index: number, number: number): boolean {
    const row = this.#masks[Math.floor(number / componentsPerMaskRow)]!;
    return (row[index]! & (1 << (number % componentsPerMaskRow))) !== 0;
  }

  /** The entities that had the component, by its name of before, and have it still. */
  #owners(number: number): number[] {
    const given = new Set(this.#given[number]);
    const owners: number[] = [];
    for (let index = 1; index < this.#slots; index++)
      if (this.#has(index, number) && !given.has(index)) owners.push(index);
    return owners;
  }

  #give(index: number, number: number): void {
    this.#masks[Math.floor(number / componentsPerMaskRow)]![index]! |= 1 << (number % componentsPerMaskRow);
    if (index >= this.#used[number]!) this.#used[number] = index + 1;
  }

  #movePresence(tick: number): void {
    const saved = this.#saved;
    const used = wordsOf(saved.bytesOf("Entities.used"));
    const changed = wordsOf(saved.bytesOf("Entities.changed"));
    for (const { number, before, fields, migrations } of this.#plan.components) {
      const isSame = migrations.length === 0 && fields.every(({ from }) => from === "copy");
      this.#changed[number] = before >= 0 && isSame ? changed[before]! : tick;
      if (before < 0) continue;
      this.#used[number] = used[before]!;
      const old = wordsOf(saved.bytesOf(`Entities.mask${Math.floor(before / componentsPerMaskRow)}`));
      const bit = 1 << (before % componentsPerMaskRow);
      for (let index = 1; index < old.length; index++) if ((old[index]! & bit) !== 0) this.#give(index, number);
    }
  }

  /** Gives entities what their components require since now; for each component, the entities that have it for that. */
  #require(tick: number): number[][] {
    const { components } = this.#plan;
    const { numbers } = this.#plan.after.schema;
    const given: number[][] = components.map(() => []);
    const add = (index: number, required: readonly Component[]): void => {
      for (const component of required) {
        const number = numbers.get(component)!;
        if (this.#has(index, number)) continue;
        this.#give(index, number);
        this.#changed[number] = tick;
        given[number]!.push(index);
        add(index, component.requires);
      }
    };
    for (const { requires, number } of components)
      if (requires.length > 0)
        for (let index = 1; index < this.#slots; index++) if (this.#has(index, number)) add(index, requires);
    return given;
  }

  #moveColumns({ component, number, before, fields }: ComponentMove): void {
    const given = this.#given[number]!;
    const slots = this.#used[number]!;
    const source = this.#plan.before.components[before]?.name ?? "";
    for (const { name, type, from, value, renumbered } of fields) {
      const old = from === "copy" ? this.#saved.bytesOf(`${source}.${name}`) : noBytes;
      let bytes = old;
      if (given.length > 0 || from === "default" || old.length < slots * fieldBytes(type)) {
        bytes = new Uint8Array(slots * fieldBytes(type));
        bytes.set(old.subarray(0, bytes.length));
        const column = columnOf(type, bytes);
        if (from === "default") {
          for (let index = 1; index < slots; index++) if (this.#has(index, number)) put(column, type, index, value);
        } else for (const index of given) put(column, type, index, value);
      }
      const region = `${component.name}.${name}`;
      if (renumbered !== undefined && from === "copy") bytes = this.#renumber(number, region, type, bytes, renumbered);
      this.#bytes.set(region, bytes);
    }
  }

  /** Gives numbers that stand for names those that the names have now. Raises "swap-refused" for one that is gone. */
  #renumber(
    number: number,
    region: string,
    type: Field,
    bytes: Uint8Array,
    { before, after }: NonNullable<FieldMove["renumbered"]>,
  ): Uint8Array {
    const copy = bytes.slice();
    const column = columnOf(type, copy);
    for (const index of this.#owners(number)) {
      const name = before[column[index]!];
      const now = name === undefined ? column[index]! : after.indexOf(name);
      if (now < 0)
        refuse(`"${name}" of ${region}`, "shown by entities", "gone", "Keep it for as long as entities show it.");
      column[index] = now;
    }
    return copy;
  }

  /** Calls a migration for each entity that had its component. */
  #migrate({ component, number, before }: ComponentMove, migration: Migration): void {
    const { from, to, move } = migration;
    const name = from.component === to.name ? to.name : `${from.component} -> ${to.name}`;
    const types = this.#plan.before.components[before]!.fields;
    const reads = Object.keys(types)
      .filter((field) => Object.hasOwn(from.fields, field))
      .map((field) => {
        const type = from.fields[field]!;
        // A copy: what lies in a save need not begin at a multiple of the field's size for its type.
        return { field, type, column: columnOf(type, this.#saved.bytesOf(`${from.component}.${field}`).slice()) };
      });
    const writes = new Map<string, { readonly type: Field; readonly column: Column }>();
    const fail = (entity: number, problem: string, place = ""): never =>
      raise("migration-failed", { migration: name, entity, problem, place });
    const target = (entity: number, field: string): { readonly type: Field; readonly column: Column } => {
      const known = writes.get(field);
      if (known !== undefined) return known;
      const type = component.fields[field];
      if (type === undefined) return fail(entity, `it gives ${to.name}.${field}, which does not exist`);
      const region = `${component.name}.${field}`;
      const bytes = this.#bytes.get(region)!.slice();
      this.#bytes.set(region, bytes);
      const made = { type, column: columnOf(type, bytes) };
      writes.set(field, made);
      return made;
    };
    for (const entity of this.#owners(number)) {
      const old: Record<string, number | number[]> = {};
      for (const { field, type, column } of reads)
        old[field] =
          type.length === 1 ? column[entity]! : [...column.subarray(entity * type.length, (entity + 1) * type.length)];
      const values = valuesOf(move, old, (problem, place) => fail(entity, problem, place));
      for (const field of Object.keys(values).sort()) {
        const value = values[field];
        if (value === undefined) continue;
        const { type, column } = target(entity, field);
        const list = typeof value === "object" ? value : [Number(value)];
        if (list.length !== type.length)
          fail(entity, `it gives ${list.length} values for ${to.name}.${field}, which has ${type.length}`);
        for (const element of list) {
          const problem = valueProblem(type.scalar, element);
          if (problem !== undefined)
            fail(entity, `it gives ${element} for ${to.name}.${field}, which holds ${problem}`);
        }
        put(column, type, entity, value);
      }
    }
  }

  /** Brings settings to the nearest that the program after allows: the door, which refuses others, does not see these. */
  #fitSettings(tick: number): void {
    const { config, schema } = this.#plan.after;
    const number = schema.numbers.get(config as unknown as Component)!;
    for (const name of settingNames(config)) {
      const setting = config.settings[name]!;
      const region = `${config.name}.${name}`;
      const bytes = this.#bytes.get(region)!.slice();
      const column = columnOf(config.fields[name]!, bytes);
      const misfits = this.#owners(number).filter((index) => !fitsSetting(setting, column[index]!));
      for (const index of misfits) {
        this.report.push(settingSentence(name, setting, column[index]!));
        column[index] = nearestFit(setting, column[index]!);
      }
      if (misfits.length === 0) continue;
      this.#bytes.set(region, bytes);
      this.#changed[number] = tick;
    }
  }
}

/** What a migration gives for one entity. */
function valuesOf(
  move: Migration["move"],
  old: unknown,
  fail: (problem: string, place: string) => never,
): InitialValues {
  try {
    return move(old) as InitialValues;
  } catch (thrown) {
    const problem = thrown instanceof FaultError ? faultText(thrown.fault) : messageOf(thrown);
    return fail(problem, placeOf(thrown));
  }
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

const noBytes = new Uint8Array(0);

/** A column over bytes that begin at a multiple of 8. */
function columnOf(type: Field, bytes: Uint8Array): Column {
  return columnOver(type, bytes.buffer, bytes.byteOffset, bytes.byteLength / fieldBytes(type));
}

function put(column: Column, { length }: Field, index: number, value: number | boolean | readonly number[]): void {
  if (typeof value === "object") column.set(value, index * length);
  else column.fill(Number(value), index * length, (index + 1) * length);
}
