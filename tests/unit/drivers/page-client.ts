/**
 * A page without a browser: speaks the web driver's protocol over a real socket, keeps all that it
 * is sent, and lets a test wait for it. Waiting has no time limit of its own; the test's is enough.
 */
import { WebSocket } from "ws";
import { type PacketViews, readPacket } from "../../../engine/render/packet.ts";
import type { WebDriver } from "../../../runtime/drivers/web/driver.ts";
import { pageBuild } from "../../../runtime/drivers/web/page.ts";
import {
  decodeServerMessage,
  encodeMessage,
  type ServerMessage,
  socketPath,
} from "../../../runtime/drivers/web/protocol.ts";
import { emptyPage } from "./fixtures.ts";

export class PageClient {
  readonly socket: WebSocket;
  readonly messages: ServerMessage[] = [];
  readonly packets: Uint8Array[] = [];
  closed: { readonly code: number; readonly reason: string } | undefined;
  #wake: (() => void)[] = [];

  constructor(url: string, origin: string | undefined = new URL(url).origin) {
    const { host, searchParams } = new URL(url);
    const address = `ws://${host}${socketPath}?token=${searchParams.get("token") ?? ""}`;
    this.socket = new WebSocket(address, origin === undefined ? {} : { origin });
    this.socket.on("message", (data: Buffer, isBinary: boolean) => {
      if (isBinary) this.packets.push(Uint8Array.from(data));
      else this.messages.push(decodeServerMessage(data.toString("utf8")) as ServerMessage);
      this.#changed();
    });
    this.socket.on("close", (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      this.#changed();
    });
    this.socket.on("open", () => this.#changed());
    this.socket.on("error", () => this.#changed());
  }

  /** Connects, says hello, and waits for the scene. */
  static async join(driver: WebDriver, name = "Ada", session = ""): Promise<PageClient> {
    const client = new PageClient(driver.url);
    await client.opened();
    client.hello(name, session);
    await client.until(() => client.sceneMessage !== undefined);
    return client;
  }

  hello(name = "Ada", session = "", build = pageBuild(emptyPage)): void {
    this.socket.send(encodeMessage({ type: "hello", build, name, session }));
  }

  get sceneMessage(): Extract<ServerMessage, { type: "scene" }> | undefined {
    return this.messages.find((message) => message.type === "scene");
  }

  /** The last packet that arrived. */
  get lastPacket(): PacketViews | undefined {
    const bytes = this.packets.at(-1);
    return bytes === undefined ? undefined : readPacket(bytes);
  }

  opened(): Promise<void> {
    return this.until(() => this.socket.readyState === WebSocket.OPEN);
  }

  async ended(): Promise<{ readonly code: number; readonly reason: string }> {
    await this.until(() => this.closed !== undefined);
    return this.closed!;
  }

  /** Waits until `holds`, looking again whenever something arrives. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#wake.push(resolve));
  }

  /** Sends a ping and waits for its answer: the driver has then read everything sent before. */
  async settle(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.socket.once("pong", () => resolve());
      this.socket.ping();
    });
  }

  #changed(): void {
    const waiting = this.#wake;
    this.#wake = [];
    for (const wake of waiting) wake();
  }
}
