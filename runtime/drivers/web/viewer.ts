/**
 * A viewer: one socket of one page, from its hello to its end. It first says hello, then gets the
 * scene and packets, and may send records while it has a seat; without one it only watches.
 *
 * Rule: whatever a page sends, the outcome is a record, a refusal or nothing. A refusal closes the
 * socket and reports a fault; it never throws.
 */
import type { WebSocket } from "ws";
import { type Fault, faultId, faultMend, faultText, makeFault } from "../../../engine/base/faults.ts";
import type { WorldRecord } from "../../../engine/input/record.ts";
import type { DriverHost, DriverNotice } from "../../../engine/render/driver.ts";
import type { SceneDescription } from "../../../engine/render/scene.ts";
import { Allowance, messagesPerSecondMax } from "./allowance.ts";
import { Backlog } from "./backlog.ts";
import type { DriverClock } from "./clock.ts";
import { controlNumbers } from "./control-numbers.ts";
import {
  type ByeReason,
  clientMessageBytesMax,
  closeCode,
  decodeClientMessage,
  encodeMessage,
  type ServerMessage,
} from "./protocol.ts";
import { checkRecords } from "./record-check.ts";
import type { Seat, Seats, Sitter } from "./seats.ts";

/** A fault and the line of code that it names, or "". */
export interface ShownFault {
  readonly fault: Fault;
  readonly sourceText: string;
}

/** How long a socket may be open without a hello, and how long a closing one may take. */
export const helloMillisMax = 5_000;
const closingMillisMax = 2_000;

/** A scene and its number among those that a driver has shown. */
export interface ShownScene {
  readonly number: number;
  readonly scene: SceneDescription;
}

/** What the viewers of one driver share. */
export interface Room {
  readonly build: string;
  readonly shown: ShownScene;
  readonly host: DriverHost;
  readonly clock: DriverClock;
  readonly seats: Seats;
  /** The fault that ended the world, if one did. */
  readonly fault: ShownFault | undefined;
  /** Called once when the viewer's socket is gone. */
  gone(viewer: Viewer): void;
}

export class Viewer implements Sitter {
  readonly #socket: WebSocket;
  readonly #room: Room;
  readonly #allowance: Allowance;
  readonly #backlog = new Backlog();
  readonly #cancelHello: () => void;
  /** The scene that the page speaks, and those that it was sent since and may speak next. */
  readonly #scenes: ShownScene[] = [];
  #seat: Seat | undefined;
  #state: "new" | "ready" | "closing" = "new";

  constructor(socket: WebSocket, room: Room) {
    this.#socket = socket;
    this.#room = room;
    this.#allowance = new Allowance(room.clock.nowMillis());
    this.#cancelHello = room.clock.after(helloMillisMax, () => this.#refuse("no hello"));
    socket.on("message", (data: Buffer, isBinary: boolean) => this.#receive(data, isBinary));
    socket.on("error", (error: NodeJS.ErrnoException) => this.#failed(error));
    socket.on("close", () => this.#ended());
  }

  /** Whether packets are wanted. */
  get ready(): boolean {
    return this.#state === "ready";
  }

  get skippedCount(): number {
    return this.#backlog.skippedCount;
  }

  /** Sends a packet that nobody writes to any more, or skips it when the page reads too slowly. */
  sendPacket(packet: Uint8Array): void {
    const nowMillis = this.#room.clock.nowMillis();
    switch (this.#backlog.decide(this.#socket.bufferedAmount, packet.byteLength, nowMillis)) {
      case "send":
        this.#socket.send(packet, { binary: true });
        break;
      case "skip":
        break;
      case "close":
        this.bye("slow", "The page reads too slowly to follow the world.", closeCode.tryLater);
        break;
    }
  }

  sendFault({ fault, sourceText }: ShownFault): void {
    const place = "place" in fault.fields ? fault.fields.place : "";
    this.#send({
      type: "fault",
      id: faultId(fault),
      text: faultText(fault),
      mend: faultMend(fault),
      place,
      source: sourceText,
    });
  }

  sendNotice(notice: DriverNotice): void {
    this.#send({ type: "notice", ...notice });
  }

  /** Shows the scene of the room, which is another than before. */
  sendScene(): void {
    const { player, session } = this.#seat ?? { player: 0, session: "" };
    this.#scenes.push(this.#room.shown);
    this.#send({ type: "scene", player, session, ...this.#room.shown });
  }

  /** Says why, then closes; ends the connection if the page does not answer. */
  bye(reason: ByeReason, text: string, code: number): void {
    if (this.#state === "closing") return;
    this.#send({ type: "bye", reason, text });
    this.#state = "closing";
    this.#cancelHello();
    this.#socket.close(code, reason);
    const cancel = this.#room.clock.after(closingMillisMax, () => this.#socket.terminate());
    this.#socket.once("close", cancel);
  }

  replaced(): void {
    this.bye("replaced", "The game goes on in another window.", closeCode.policy);
  }

  /** Ends the connection without a word. */
  end(): void {
    this.#socket.terminate();
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (this.#state === "closing") return;
    const problem = this.#allowance.take(this.#room.clock.nowMillis())
      ? isBinary
        ? this.#receiveRecords(data)
        : this.#receiveMessage(data.toString("utf8"))
      : `more than ${messagesPerSecondMax} messages a second`;
    if (problem !== undefined) this.#refuse(problem);
  }

  /** Takes a text message; returns why it is refused. */
  #receiveMessage(text: string): string | undefined {
    const message = decodeClientMessage(text);
    if ("problem" in message) return message.problem;
    if (message.type === "speaks") return this.#speaks(message.scene);
    if (this.#state !== "new") return "a second hello";
    this.#cancelHello();
    if (message.build === this.#room.build) this.#enter(message.name, message.session);
    else this.bye("other-build", "The page is of another build; load it again.", closeCode.policy);
    return undefined;
  }

  /** The page has taken a scene up; returns why that cannot be. */
  #speaks(number: number): string | undefined {
    const at = this.#scenes.findIndex((shown) => shown.number === number);
    if (at < 0) return "a scene that the page was not sent";
    this.#scenes.splice(0, at);
    return undefined;
  }

  /** Takes record bytes; returns why they are refused. */
  #receiveRecords(recordBytes: Uint8Array): string | undefined {
    if (this.#state === "new") return "records before a hello";
    if (this.#seat === undefined) return "records without a seat";
    const { scene } = this.#scenes[0]!;
    const records = checkRecords(recordBytes, this.#seat.player, scene.controls);
    if ("problem" in records) return records.problem;
    this.#room.seats.admit(this.#seat, this.#renumbered(records, scene));
    return undefined;
  }

  /** Records of a page that does not know yet what is shown, for the controls that are there now. */
  #renumbered(records: readonly WorldRecord[], { controls }: SceneDescription): readonly WorldRecord[] {
    const { scene } = this.#room.shown;
    if (scene.controls === controls) return records;
    const numbers = controlNumbers(controls, scene.controls);
    return records.flatMap((record) => {
      if (record.kind !== "button" && record.kind !== "axis") return [];
      const control = numbers[record.control]!;
      return control < 0 ? [] : { ...record, control };
    });
  }

  /** Takes a seat if there is one, and shows the scene. */
  #enter(name: string, session: string): void {
    this.#seat = this.#room.seats.claim(this, name, session);
    this.#state = "ready";
    this.sendScene();
    if (this.#room.fault !== undefined) this.sendFault(this.#room.fault);
  }

  #refuse(problem: string): void {
    if (this.#state === "closing") return;
    const source = this.#seat === undefined ? "A viewer" : `The page of player ${this.#seat.player}`;
    this.#room.host.report(makeFault("record-malformed", { source, problem }));
    this.bye("refused", problem, closeCode.policy);
  }

  /** The socket library refuses frames that are too long or malformed, and closes by itself. */
  #failed(error: NodeJS.ErrnoException): void {
    if (this.#state === "closing" || error.code?.startsWith("WS_ERR") !== true) return;
    const tooLong = error.code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH";
    const problem = tooLong ? `a message of more than ${clientMessageBytesMax} bytes` : error.message;
    this.#room.host.report(makeFault("record-malformed", { source: "A viewer", problem }));
    this.#state = "closing";
  }

  #ended(): void {
    this.#state = "closing";
    this.#cancelHello();
    if (this.#seat !== undefined) this.#room.seats.vacate(this.#seat, this);
    this.#room.gone(this);
  }

  #send(message: ServerMessage): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(encodeMessage(message));
  }
}
