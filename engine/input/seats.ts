/**
 * Seats: what each joined player is doing, kept in the arena because it is authoritative. One row a
 * seat; a row is a key, the handle of the player's entity, 1 once its controls have been seen by a
 * tick, and one word a control. Until then presses are kept: a player may press as it joins.
 *
 *   word of a button  bit 0 down now · bit 1 went down in this tick · bits 8..31 presses of this tick
 *   word of an axis   the bits of its f32 value
 */
import type { Limits } from "../base/limits.ts";
import type { Arena, ArenaLayout, Region } from "../ecs/arena.ts";
import type { Handle } from "../ecs/handle.ts";
import type { PlayerKey } from "./record.ts";

/** Words of a seat before those of its controls. */
export const seatHeadWords = 3;
const pressUnit = 256;

export function reserveSeats(layout: ArenaLayout, limits: Limits, controlCount: number): Region {
  return layout.reserve("Input.seats", limits.players * (seatHeadWords + controlCount) * 4);
}

export class Seats {
  readonly count: number;
  readonly #words: Uint32Array;
  readonly #floats: Float32Array;
  readonly #stride: number;

  constructor(arena: Arena, region: Region, limits: Limits, controlCount: number) {
    this.count = limits.players;
    this.#words = arena.u32(region);
    this.#floats = arena.f32(region);
    this.#stride = seatHeadWords + controlCount;
  }

  keyOf(seat: number): PlayerKey {
    return this.#words[seat * this.#stride]!;
  }

  entityOf(seat: number): Handle {
    return this.#words[seat * this.#stride + 1]!;
  }

  /** The seat of a player, or -1. */
  find(player: PlayerKey): number {
    for (let seat = 0; seat < this.count; seat++) if (this.keyOf(seat) === player) return seat;
    return -1;
  }

  /** Seats a player in the first free seat; -1 when there is none. */
  take(player: PlayerKey, entity: Handle): number {
    const seat = this.find(0);
    if (seat < 0) return -1;
    this.#words[seat * this.#stride] = player;
    this.#words[seat * this.#stride + 1] = entity;
    return seat;
  }

  /** Empties a seat; its words become zero. */
  free(seat: number): void {
    this.#words.fill(0, seat * this.#stride, (seat + 1) * this.#stride);
  }

  /** Notes that the columns of the player's entity have been set: what they showed is over with the tick. */
  markSeen(seat: number): void {
    this.#words[seat * this.#stride + 2] = 1;
  }

  wasSeen(seat: number): boolean {
    return this.#words[seat * this.#stride + 2] === 1;
  }

  /** Forgets the presses of the tick before. */
  beginTick(seat: number, control: number): void {
    this.#words[this.#at(seat, control)]! &= 1;
  }

  setButton(seat: number, control: number, down: boolean): void {
    const at = this.#at(seat, control);
    const word = this.#words[at]!;
    if (!down) this.#words[at] = word & ~1;
    else if ((word & 1) === 0) this.#words[at] = (word | 3) + pressUnit;
  }

  setAxis(seat: number, control: number, value: number): void {
    this.#floats[this.#at(seat, control)] = value + 0; // -0 becomes 0: they are one place with two bit patterns.
  }

  /** 1 when the button is down, or was pressed in this tick and is up again. */
  held(seat: number, control: number): number {
    return (this.#words[this.#at(seat, control)]! & 3) === 0 ? 0 : 1;
  }

  isDown(seat: number, control: number): boolean {
    return (this.#words[this.#at(seat, control)]! & 1) === 1;
  }

  /** Presses of this tick, at most 255. */
  presses(seat: number, control: number): number {
    return Math.min(255, this.#words[this.#at(seat, control)]! >>> 8);
  }

  axis(seat: number, control: number): number {
    return this.#floats[this.#at(seat, control)]!;
  }

  #at(seat: number, control: number): number {
    return seat * this.#stride + seatHeadWords + control;
  }
}
