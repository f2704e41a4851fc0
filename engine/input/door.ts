/**
 * The door: the one function through which records enter a world. `admit` queues a record for the
 * tick that is made next; `enter` opens that tick: it applies the queued records in their order and
 * sets the Controls columns. Whatever entered can be read back for the journal.
 *
 * Nothing else may write Controls, Config or Player. A record that cannot apply (a join with a taken
 * key, a control that does not exist) is dropped here, before it is stamped, and counted.
 */
import { assert } from "../base/assertions.ts";
import { ByteReader } from "../base/bytes.ts";
import type { Limits } from "../base/limits.ts";
import type { CommandQueue } from "../ecs/commands.ts";
import { type Component, defineComponent, type Initial } from "../ecs/component.ts";
import type { Column } from "../ecs/field.ts";
import { u16, u32 } from "../ecs/field.ts";
import type { Handle } from "../ecs/handle.ts";
import type { Store } from "../ecs/store.ts";
import { decodeAnswerRow } from "./answer.ts";
import { type ConfigComponent, fitsSetting, settingNames } from "./config.ts";
import { type ControlDefinition, type ControlsComponent, controlNames } from "./controls.ts";
import type { PlayerKey, WorldRecord } from "./record.ts";
import type { Seats } from "./seats.ts";

/** A joined player's entity: its key and the tick at which it joined. */
export const Player = defineComponent("Player", { key: u16, joinedTick: u32 }, { writtenIn: [], shared: true });

/** Player keys are u16 in records and columns; 0 is an empty seat. */
const playerKeyMax = 65_535;
/** Control numbers are below this. */
const controlSpan = 256;

export class Door {
  /** Records dropped because they could not apply, or because the tick was full. */
  refusedCount = 0;

  readonly #store: Store;
  readonly #commands: CommandQueue;
  readonly #seats: Seats;
  readonly #limits: Limits;
  readonly #controls: ControlsComponent;
  readonly #definitions: readonly ControlDefinition[];
  readonly #controlColumns: readonly Column[];
  readonly #config: ConfigComponent;
  readonly #settingNames: readonly string[];
  readonly #resourceVersions: Uint32Array;
  /** Players that have been let in, and buttons that are down, counting what is queued. */
  readonly #joined = new Set<PlayerKey>();
  readonly #down = new Set<number>();
  /** Control records of each player in the queue. */
  readonly #shares = new Map<PlayerKey, number>();
  #queued: WorldRecord[] = [];
  #entered: WorldRecord[] = [];

  constructor(
    store: Store,
    commands: CommandQueue,
    seats: Seats,
    controls: ControlsComponent,
    config: ConfigComponent,
    resourceVersions: Uint32Array,
  ) {
    this.#store = store;
    this.#resourceVersions = resourceVersions;
    this.#commands = commands;
    this.#seats = seats;
    this.#limits = store.limits;
    this.#controls = controls;
    const names = controlNames(controls.controls);
    this.#definitions = names.map((name) => controls.controls[name]!);
    this.#controlColumns = names.map((name) => store.columnsOf(controls)[name]!);
    this.#config = config;
    this.#settingNames = settingNames(config);
  }

  /** The component values with which a world's Config entity starts. */
  static configDefaults(config: ConfigComponent): Initial {
    return {
      component: config as unknown as Component,
      values: Object.fromEntries(settingNames(config).map((name) => [name, config.settings[name]!.default])),
    };
  }

  /**
   * Queues a record for the next tick. False when it cannot apply, or when its player has sent more than
   * `limits.recordsPerTick`; it is then counted and forgotten. One player's flood costs no other player
   * a record, and the release of a button that is down is always let in.
   */
  admit(record: WorldRecord): boolean {
    if (this.#applies(record) && this.#hasShare(record)) {
      this.#queued.push(record);
      return true;
    }
    this.refusedCount++;
    return false;
  }

  /** Queues what a tick job found out for a component; only jobs of this world call it. */
  answer(component: Component, rows: Uint8Array): void {
    assert(component.writer === "door", "an answer is for a component that the door writes", { name: component.name });
    this.#queued.push({ kind: "answer", component: this.#store.numberOf(component), rows });
  }

  /** Queues the publication of a resource; only the publish stage, or a journal, calls it. */
  publish(record: WorldRecord & { readonly kind: "publish" }): void {
    assert(record.resource < this.#resourceVersions.length, "a resource has a number below the limit", {
      resource: record.resource,
    });
    this.#queued.push(record);
  }

  /** Counts a control record against its player's share of the tick. */
  #hasShare(record: WorldRecord): boolean {
    if (record.kind !== "button" && record.kind !== "axis") return true;
    const { player, control } = record;
    const button = player * controlSpan + control;
    const count = this.#shares.get(player) ?? 0;
    const releases = record.kind === "button" && !record.down && this.#down.has(button);
    if (count >= this.#limits.recordsPerTick && !releases) return false;
    this.#shares.set(player, count + 1);
    if (record.kind === "button") {
      if (record.down) this.#down.add(button);
      else this.#down.delete(button);
    }
    return true;
  }

  /** The records that wait for the next tick, in their order. */
  get queued(): readonly WorldRecord[] {
    return this.#queued;
  }

  /** The records that entered at the tick being made, in their order. */
  get entered(): readonly WorldRecord[] {
    return this.#entered;
  }

  /** Forgets what is queued and reads from the seats who is there, when the state of the world was replaced. */
  restored(): void {
    this.#queued.length = 0;
    this.#entered.length = 0;
    this.#shares.clear();
    this.#joined.clear();
    this.#down.clear();
    for (let seat = 0; seat < this.#seats.count; seat++) {
      const player = this.#seats.keyOf(seat);
      if (player === 0) continue;
      this.#joined.add(player);
      for (let control = 0; control < this.#definitions.length; control++)
        if (this.#definitions[control]!.kind !== "axis" && this.#seats.isDown(seat, control))
          this.#down.add(player * controlSpan + control);
    }
  }

  /** Opens a tick: applies what was queued and sets the columns of Controls and Config. */
  enter(tick: number): void {
    const spare = this.#entered;
    spare.length = 0;
    this.#entered = this.#queued;
    this.#queued = spare;
    // A map that is cleared is given new memory, so an empty one is left alone.
    if (this.#shares.size > 0) this.#shares.clear();
    for (let seat = 0; seat < this.#seats.count; seat++)
      if (this.#seats.keyOf(seat) !== 0 && this.#seats.wasSeen(seat))
        for (let control = 0; control < this.#definitions.length; control++)
          if (this.#definitions[control]!.kind !== "axis") this.#seats.beginTick(seat, control);
    for (let i = 0; i < this.#entered.length; i++) this.#apply(this.#entered[i]!, tick);
    this.#writeControls(tick);
  }

  /** Whether a record can apply, given those queued before it. */
  #applies(record: WorldRecord): boolean {
    switch (record.kind) {
      case "join":
        if (!Number.isInteger(record.player) || record.player < 1 || record.player > playerKeyMax) return false;
        if (this.#joined.has(record.player) || this.#joined.size >= this.#limits.players) return false;
        this.#joined.add(record.player);
        return true;
      case "leave":
        for (let control = 0; control < this.#definitions.length; control++)
          this.#down.delete(record.player * controlSpan + control);
        return this.#joined.delete(record.player);
      case "button":
      case "axis": {
        const definition = this.#definitions[record.control];
        if (definition === undefined || (definition.kind === "axis") !== (record.kind === "axis")) return false;
        if (record.kind === "axis" && !(record.value >= -1 && record.value <= 1)) return false;
        return this.#joined.has(record.player);
      }
      case "config": {
        const name = this.#settingNames[record.setting];
        return name !== undefined && fitsSetting(this.#config.settings[name]!, record.value);
      }
      // These come from the engine itself, by `answer` and `publish`: a driver has none to give.
      case "answer":
      case "publish":
        return false;
    }
  }

  #apply(record: WorldRecord, tick: number): void {
    switch (record.kind) {
      case "join": {
        const entity = this.#commands.spawn(
          Player.of({ key: record.player, joinedTick: tick }),
          this.#controls as unknown as Component,
        );
        const seat = this.#seats.take(record.player, entity);
        assert(seat >= 0, "an admitted player finds a seat", { player: record.player });
        return;
      }
      case "leave": {
        const seat = this.#seats.find(record.player);
        const entity = this.#seats.entityOf(seat);
        if (this.#store.isAlive(entity)) {
          // Systems of this tick still see the entity; what its player did is over.
          for (const column of this.#controlColumns) column[this.#store.indexOf(entity)] = 0;
          this.#commands.despawn(entity);
        }
        this.#seats.free(seat);
        return;
      }
      case "button":
        this.#seats.setButton(this.#seats.find(record.player), record.control, record.down);
        return;
      case "axis":
        this.#seats.setAxis(this.#seats.find(record.player), record.control, record.value);
        return;
      case "config": {
        const config = this.#config as unknown as Component;
        if (!this.#store.has(configEntityIndex, config)) return; // The game has despawned it.
        this.#store.columnsOf(config)[this.#settingNames[record.setting]!]![configEntityIndex] = record.value;
        this.#store.changed[this.#store.numberOf(config)] = tick;
        return;
      }
      case "answer":
        this.#applyAnswer(record.component, record.rows, tick);
        return;
      case "publish":
        // When presentation is ready is the machine's business: it is on record, and the state does not know of it.
        if (record.isWorld) this.#resourceVersions[record.resource] = record.version;
        return;
    }
  }

  #applyAnswer(number: number, rows: Uint8Array, tick: number): void {
    const component = this.#store.schema.components[number]!;
    const columns = this.#store.columnsOf(component);
    const reader = new ByteReader(rows);
    while (reader.remaining > 0) {
      const index = this.#store.indexOf(reader.u32() as Handle);
      const isThere = index !== 0 && this.#store.has(index, component);
      decodeAnswerRow(reader, component, isThere ? columns : undefined, index);
    }
    this.#store.changed[number] = tick;
  }

  #writeControls(tick: number): void {
    let wrote = false;
    for (let seat = 0; seat < this.#seats.count; seat++) {
      const index = this.#store.indexOf(this.#seats.entityOf(seat));
      if (index === 0 || !this.#store.has(index, this.#controls as unknown as Component)) continue;
      wrote = true;
      this.#seats.markSeen(seat);
      for (let control = 0; control < this.#definitions.length; control++) {
        const kind = this.#definitions[control]!.kind;
        this.#controlColumns[control]![index] =
          kind === "axis"
            ? this.#seats.axis(seat, control)
            : kind === "held"
              ? this.#seats.held(seat, control)
              : this.#seats.presses(seat, control);
      }
    }
    if (wrote) this.#store.changed[this.#store.numberOf(this.#controls as unknown as Component)] = tick;
  }
}

/** The Config entity is the first that a world spawns. */
export const configEntityIndex = 1;
