/**
 * The link: the page's socket to its driver, kept up. It says hello, hands on what arrives, and when
 * the socket is lost tries again with growing pauses, with the session of the seat it had.
 *
 * Rule: after `replaced` and `refused` it does not try again: another window plays this seat, or the
 * driver said no.
 */
import { type ByeReason, decodeServerMessage, encodeMessage, type ServerMessage, socketPath } from "../protocol.ts";

export type Connection = "connecting" | "playing" | "watching" | "reconnecting" | "ended";

/** The first pause before trying again; it doubles up to the last. */
const pauseMillisMin = 250;
const pauseMillisMax = 4_000;
/** The page's own store of its session, which outlives a reload but not the window. */
const sessionKey = "orrery-session";
const reloadedKey = "orrery-reloaded-for";

export interface LinkEvents {
  scene(message: Extract<ServerMessage, { type: "scene" }>): void;
  packet(bytes: Uint8Array): void;
  fault(message: Extract<ServerMessage, { type: "fault" }>): void;
  notice(message: Extract<ServerMessage, { type: "notice" }>): void;
  /** The state changed; `text` says more for a person. */
  changed(connection: Connection, text: string): void;
}

export class Link {
  readonly #events: LinkEvents;
  readonly #token: string;
  readonly #build: string;
  readonly #name: string;
  #socket: WebSocket | undefined;
  #connection: Connection = "connecting";
  #player = 0;
  #attempts = 0;
  #bye: { reason: ByeReason; text: string } | undefined;

  constructor(facts: { token: string; build: string; name: string }, events: LinkEvents) {
    this.#events = events;
    this.#token = facts.token;
    this.#build = facts.build;
    this.#name = facts.name;
    this.#connect();
  }

  get connection(): Connection {
    return this.#connection;
  }

  /** The player key of this page, 0 while it only watches. */
  get player(): number {
    return this.#player;
  }

  /** Sends record bytes; drops them while there is no connection, the driver has released all then. */
  send(recordBytes: Uint8Array<ArrayBuffer>): void {
    if (this.#connection === "playing" && this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(recordBytes);
  }

  #connect(): void {
    this.#bye = undefined;
    const socket = new WebSocket(`ws://${location.host}${socketPath}?token=${encodeURIComponent(this.#token)}`);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.addEventListener("open", () => {
      const session = sessionStorage.getItem(sessionKey) ?? "";
      socket.send(encodeMessage({ type: "hello", build: this.#build, name: this.#name, session }));
    });
    socket.addEventListener("message", (event: MessageEvent<string | ArrayBuffer>) => {
      if (typeof event.data === "string") this.#receive(event.data);
      else this.#events.packet(new Uint8Array(event.data));
    });
    socket.addEventListener("close", () => this.#lost());
  }

  #receive(text: string): void {
    const message = decodeServerMessage(text);
    switch (message?.type) {
      case "scene":
        this.#attempts = 0;
        this.#player = message.player;
        if (message.session !== "") sessionStorage.setItem(sessionKey, message.session);
        // Before any record with the numbers of this scene.
        this.#socket?.send(encodeMessage({ type: "speaks", scene: message.number }));
        this.#events.scene(message);
        this.#change(message.player === 0 ? "watching" : "playing", "");
        break;
      case "fault":
        this.#events.fault(message);
        break;
      case "notice":
        this.#events.notice(message);
        break;
      case "bye":
        this.#bye = message;
        break;
      case undefined:
        this.#socket?.close();
        break;
    }
  }

  #lost(): void {
    const bye = this.#bye;
    if (bye?.reason === "replaced" || bye?.reason === "refused") {
      this.#change("ended", bye.text);
    } else if (bye?.reason === "other-build") {
      this.#reload(bye.text);
    } else {
      const pause = Math.min(pauseMillisMax, pauseMillisMin * 2 ** this.#attempts);
      this.#attempts++;
      this.#change("reconnecting", bye?.text ?? "The connection to the world is lost.");
      setTimeout(() => this.#connect(), pause * (0.75 + Math.random() * 0.5));
    }
  }

  /** Loads the page again, once for a build that it does not match. */
  #reload(text: string): void {
    if (sessionStorage.getItem(reloadedKey) === this.#build) {
      this.#change("ended", text);
    } else {
      sessionStorage.setItem(reloadedKey, this.#build);
      location.reload();
    }
  }

  #change(connection: Connection, text: string): void {
    this.#connection = connection;
    this.#events.changed(connection, text);
  }
}
