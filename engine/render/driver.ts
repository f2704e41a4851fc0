/**
 * The driver port: a consumer of packets and a producer of records, and nothing else. A driver never
 * sees the world; it gets the scene once and packet bytes each frame, and gives record bytes back.
 *
 * The null driver (runtime/drivers/null) is the reference: a driver is done when it passes the tests
 * that the null driver passes.
 */
import type { Fault } from "../base/faults.ts";
import type { PlayerKey } from "../input/record.ts";
import type { SceneDescription } from "./scene.ts";

/** What a driver may call. `admit` takes the bytes of whole records (engine/input/record.ts). */
export interface DriverHost {
  /** Hands record bytes on towards the door. They are copied before this returns. */
  admit(recordBytes: Uint8Array): void;
  /** Takes the lowest free player key, or 0 when every seat is taken. A join record is the driver's to send. */
  takeSeat(): PlayerKey;
  /** Gives a player key back, after the leave record has been sent. */
  leaveSeat(player: PlayerKey): void;
  /** Reports something that went wrong at the driver's edge; the world goes on. */
  report(fault: Fault): void;
  /**
   * The bytes of a published resource, by its number and version as packets name them; undefined when that
   * version is not to be had (any more). The driver copies them before it returns to its caller.
   */
  resource?(number: number, version: number): Uint8Array | undefined;
}

/** A message for whoever plays: something has changed, or was refused and changed nothing. */
export interface DriverNotice {
  readonly tone: "changed" | "refused";
  readonly heading: string;
  readonly text: string;
  /** How to mend it, or "". */
  readonly mend: string;
}

export interface Driver {
  readonly name: string;
  /** Makes the driver ready. Rejects with a FaultError when it cannot be. */
  open(scene: SceneDescription, host: DriverHost): Promise<void>;
  /** Takes one frame's packet. The bytes belong to the caller again when this returns. */
  submit(packet: Uint8Array): void;
  /** Tells that the world has faulted and no more packets will come; `sourceText` is the line of code, or "". */
  fault(fault: Fault, sourceText: string): void;
  /** Shows a message for a while; the world goes on. */
  notice?(notice: DriverNotice): void;
  /**
   * Another scene from here on: the game's code or its tick rate was changed while it ran. Records that are admitted behind
   * this call have the control numbers of this scene; a driver that has no such method sends none with control numbers.
   */
  rescene?(scene: SceneDescription): void;
  /** Releases everything; may be called twice. */
  close(): Promise<void>;
}
