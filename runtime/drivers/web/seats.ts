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
  readonly buttonsDown: Set<number>;
  readonly axesMoved: Set<number>;
}

export class Seats {
  readonly #host: DriverHost;
  readonly #clock: DriverClock;
  readonly #bySession = new Map<string, SeatState>();
  readonly #writer = new ByteWriter();

  constructor(host: DriverHost, clock: DriverClock) {
    this.#host = host;
    this.#clock = clock;
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

  /** Hands checked records of a seat's viewer on, and remembers what they hold. */
  admit(seat: Seat, records: readonly WorldRecord[], recordBytes: Uint8Array): void {
    const state = this.#bySession.get(seat.session);
    if (state === undefined) return;
    for (const record of records) {
      if (record.kind === "button") mark(state.buttonsDown, record.control, record.down);
      else if (record.kind === "axis") mark(state.axesMoved, record.control, record.value !== 0);
    }
    this.#host.admit(recordBytes);
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
    const ascending = (a: number, b: number): number => a - b;
    this.#send([
      ...[...buttonsDown].sort(ascending).map((control) => ({ kind: "button", player, control, down: false }) as const),
      ...[...axesMoved].sort(ascending).map((control) => ({ kind: "axis", player, control, value: 0 }) as const),
    ]);
    buttonsDown.clear();
    axesMoved.clear();
  }

  #send(records: readonly WorldRecord[]): void {
    if (records.length === 0) return;
    this.#writer.clear();
    for (const record of records) encodeRecord(this.#writer, record);
    this.#host.admit(this.#writer.view());
  }
}

function mark(controls: Set<number>, control: number, active: boolean): void {
  if (active) controls.add(control);
  else controls.delete(control);
}
