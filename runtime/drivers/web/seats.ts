/**
 * Seats: who sits where, and what they hold. A viewer claims a seat by name, or by the session of a
 * seat it had; the join, release and leave records are sent from here and from nowhere else, so that
 * every seat's records read join, then whole presses, then leave.
 *
 * Rule: a seat without a viewer holds nothing. The moment its viewer is gone all its controls are
 * released by records; the seat itself stays for a grace period, in case the viewer comes back.
 */
import { randomBytes } from "node:crypto";
import { ByteWriter } from "../../../engine/base/bytes.ts";
import { encodeRecord, type PlayerKey, type WorldRecord } from "../../../engine/input/record.ts";
import type { DriverHost } from "../../../engine/render/driver.ts";
import type { DriverClock } from "./clock.ts";
import { type Controls, controlNumber } from "./control-numbers.ts";
import { fitPlayerName } from "./protocol.ts";

/** How long a seat waits for a viewer that vanished. */
export const seatGraceMillis = 5_000;

/** Whoever sits in a seat; told when another viewer takes it over with the same session. */
export interface Sitter {
  replaced(): void;
}

export interface Seat {
  readonly player: PlayerKey;
  readonly session: string;
}

interface SeatState extends Seat {
  sitter: Sitter | undefined;
  cancelGrace: (() => void) | undefined;
  /** By name: the world may have one down that is not among the controls now, and get it back with older code. */
  readonly buttonsDown: Set<string>;
  readonly axesMoved: Set<string>;
}

export class Seats {
  readonly #host: DriverHost;
  readonly #clock: DriverClock;
  readonly #bySession = new Map<string, SeatState>();
  readonly #writer = new ByteWriter();
  #controls: Controls;

  constructor(host: DriverHost, clock: DriverClock, controls: Controls) {
    this.#host = host;
    this.#clock = clock;
    this.#controls = controls;
  }

  /** Other controls from here on; what nobody holds any more and could not be released before is released now. */
  rescene(controls: Controls): void {
    this.#controls = controls;
    for (const state of this.#bySession.values()) if (state.sitter === undefined) this.#releaseControls(state);
  }

  get takenCount(): number {
    return this.#bySession.size;
  }

  /** The seat of `session`, else a free one, else undefined. */
  claim(sitter: Sitter, name: string, session: string): Seat | undefined {
    const kept = this.#bySession.get(session);
    if (kept !== undefined) {
      kept.cancelGrace?.();
      kept.cancelGrace = undefined;
      const former = kept.sitter;
      kept.sitter = sitter;
      if (former !== undefined) {
        this.#releaseControls(kept);
        former.replaced();
      }
      return kept;
    }
    const player = this.#host.takeSeat();
    if (player === 0) return undefined;
    const seat: SeatState = {
      player,
      session: randomBytes(16).toString("hex"),
      sitter,
      cancelGrace: undefined,
      buttonsDown: new Set(),
      axesMoved: new Set(),
    };
    this.#bySession.set(seat.session, seat);
    this.#send([{ kind: "join", player, name: fitPlayerName(name) }]);
    return seat;
  }

  /** Hands checked records of a seat's viewer on, and remembers what they hold. Their numbers are those of the controls now. */
  admit(seat: Seat, records: readonly WorldRecord[]): void {
    const state = this.#bySession.get(seat.session);
    if (state === undefined) return;
    for (const record of records) {
      if (record.kind === "button") mark(state.buttonsDown, this.#controls[record.control]!.name, record.down);
      else if (record.kind === "axis") mark(state.axesMoved, this.#controls[record.control]!.name, record.value !== 0);
    }
    this.#send(records);
  }

  /** The viewer of a seat is gone: releases what it held, and the seat itself after the grace. */
  vacate(seat: Seat, sitter: Sitter): void {
    const state = this.#bySession.get(seat.session);
    if (state === undefined || state.sitter !== sitter) return;
    state.sitter = undefined;
    this.#releaseControls(state);
    state.cancelGrace = this.#clock.after(seatGraceMillis, () => this.#leave(state));
  }

  /** Ends every seat at once. */
  leaveAll(): void {
    for (const state of [...this.#bySession.values()]) {
      state.sitter = undefined;
      state.cancelGrace?.();
      this.#releaseControls(state);
      this.#leave(state);
    }
  }

  #leave(state: SeatState): void {
    this.#bySession.delete(state.session);
    this.#send([{ kind: "leave", player: state.player }]);
    this.#host.leaveSeat(state.player);
  }

  #releaseControls(state: SeatState): void {
    const { player, buttonsDown, axesMoved } = state;
    const buttons = this.#take(buttonsDown, false);
    const axes = this.#take(axesMoved, true);
    this.#send([
      ...buttons.map((control) => ({ kind: "button", player, control, down: false }) as const),
      ...axes.map((control) => ({ kind: "axis", player, control, value: 0 }) as const),
    ]);
  }

  /** Takes those out of `names` that are among the controls now; their numbers, ascending. */
  #take(names: Set<string>, isAxis: boolean): number[] {
    const numbers: number[] = [];
    for (const name of names) {
      const number = controlNumber(this.#controls, name, isAxis);
      if (number < 0) continue;
      names.delete(name);
      numbers.push(number);
    }
    return numbers.sort((a, b) => a - b);
  }

  #send(records: readonly WorldRecord[]): void {
    if (records.length === 0) return;
    this.#writer.clear();
    for (const record of records) encodeRecord(this.#writer, record);
    this.#host.admit(this.#writer.view());
  }
}

function mark(names: Set<string>, name: string, active: boolean): void {
  if (active) names.add(name);
  else names.delete(name);
}
