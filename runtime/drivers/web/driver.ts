/**
 * The web driver: serves one page on the loopback address and gives each connected page the scene,
 * the packets of every frame and a seat, and takes its records. It is given the page's files as
 * bytes and a host; it hands on record bytes and faults, and nothing else crosses.
 *
 * Rule: `submit` copies a packet once for all viewers, and not at all when there are none. The copy
 * is never written to, because sockets send from it long after `submit` has returned.
 */
import { createServer } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { assert } from "../../../engine/base/assertions.ts";
import { faultOf } from "../../../engine/base/faults.ts";
import type { Driver, DriverHost } from "../../../engine/render/driver.ts";
import { readPacket } from "../../../engine/render/packet.ts";
import type { SceneDescription } from "../../../engine/render/scene.ts";
import { answerRequest, requestUrl, type ServedFile } from "./answer.ts";
import { type DriverClock, machineClock } from "./clock.ts";
import { Gate } from "./gate.ts";
import { listenOnLoopback } from "./listener.ts";
import { fillPage, type Page, pageBuild } from "./page.ts";
import { clientMessageBytesMax, closeCode, parseResourcePath, socketPath } from "./protocol.ts";
import { Seats } from "./seats.ts";
import { type ShownFault, type ShownScene, Viewer } from "./viewer.ts";

/** Pages that may be connected at once, seated or watching. */
export const viewerCountMax = 64;
/** Connections open at once: a socket a page, and the requests that load it. */
const connectionCountMax = 256;

export interface WebDriverOptions {
  /** The port to listen on; 0 takes any. */
  readonly port: number;
  /** Fail when the port is taken instead of trying those that follow. */
  readonly strictPort: boolean;
  readonly page: Page;
  /** The title of the page; the scene's title when absent. */
  readonly title?: string;
  /** The token of the address; a random one when absent. */
  readonly token?: string;
  readonly clock?: DriverClock;
}

/** What a driver has done so far. */
export interface WebDriverCounts {
  readonly viewers: number;
  readonly seats: number;
  /** Packets copied for viewers, and their bytes. */
  readonly packets: number;
  readonly packetBytes: number;
  /** Packets not sent to viewers that read too slowly, over all of them. */
  readonly skippedPackets: number;
}

export interface WebDriver extends Driver {
  /** The address to open, with its token. Known once the driver is open. */
  readonly url: string;
  readonly counts: WebDriverCounts;
}

export function createWebDriver(options: WebDriverOptions): WebDriver {
  const clock = options.clock ?? machineClock;
  const gate = new Gate(options.token);
  const build = pageBuild(options.page);
  const viewers = new Set<Viewer>();
  const files = new Map<string, ServedFile>();
  const server = createServer({ requestTimeout: 10_000 }, (request, response) =>
    answerRequest(request, response, gate, (path) => files.get(path) ?? resourceAt(path)),
  );
  server.maxConnections = connectionCountMax;
  /** Every open connection: pages, sockets, and those whose upgrade was refused. */
  const streams = new Set<Duplex>();
  server.on("connection", (stream: Duplex) => {
    streams.add(stream);
    stream.once("close", () => streams.delete(stream));
  });
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: clientMessageBytesMax,
  });

  let seats: Seats | undefined;
  let port = 0;
  let state: "new" | "open" | "closed" = "new";
  let lastFault: ShownFault | undefined;
  let shown: ShownScene | undefined;
  let packetCount = 0;
  let packetBytes = 0;
  let goneSkippedCount = 0;

  let streaming: DriverHost | undefined;
  function resourceAt(path: string): ServedFile | undefined {
    const named = parseResourcePath(path);
    const bytes = named && streaming?.resource?.(named.number, named.version);
    return bytes && { type: "application/octet-stream", bytes: privateCopy(bytes) };
  }

  function acceptSockets(scene: SceneDescription, host: DriverHost): void {
    seats = new Seats(host, clock, scene.controls);
    shown = { number: 0, scene };
    const room = {
      build,
      get shown() {
        return shown!;
      },
      host,
      clock,
      seats,
      get fault() {
        return lastFault;
      },
      gone(viewer: Viewer) {
        if (viewers.delete(viewer)) goneSkippedCount += viewer.skippedCount;
      },
    };
    server.on("upgrade", (request, stream, head) => {
      stream.on("error", () => stream.destroy());
      const url = requestUrl(request);
      if (state === "closed") return endUpgrade(stream, 503, "Service Unavailable");
      if (url === undefined) return endUpgrade(stream, 400, "Bad Request");
      if (url.pathname !== socketPath) return endUpgrade(stream, 404, "Not Found");
      if (gate.socketRefusal(request, url) !== undefined) return endUpgrade(stream, 403, "Forbidden");
      sockets.handleUpgrade(request, stream, head, (socket) => {
        const viewer = new Viewer(socket, room);
        viewers.add(viewer);
        if (viewers.size > viewerCountMax) viewer.bye("full", "Too many pages are connected.", closeCode.tryLater);
      });
    });
  }

  return {
    name: "web",

    async open(scene, host) {
      assert(state === "new", "a driver is opened once");
      state = "open";
      const title = options.title ?? scene.title;
      const { script, style, sourceMap } = options.page;
      const html = fillPage(options.page, { token: gate.token, build, title });
      files.set("/", { type: "text/html; charset=utf-8", bytes: html });
      files.set("/page.css", { type: "text/css; charset=utf-8", bytes: style });
      files.set("/main.js", {
        type: "text/javascript; charset=utf-8",
        bytes: script,
        ...(sourceMap === undefined ? {} : { sourceMapPath: "/main.js.map" }),
      });
      if (sourceMap !== undefined) files.set("/main.js.map", { type: "application/json", bytes: sourceMap });
      streaming = host;
      acceptSockets(scene, host);
      port = await listenOnLoopback(server, options.port, options.strictPort, (fault) => host.report(fault));
      gate.listensOn(port);
      server.on("error", (error) => host.report(faultOf(error)));
    },

    submit(packet) {
      if (state === "closed") return;
      assert(state === "open", "a driver is open before its first packet");
      assert(readPacket(packet) !== undefined, "a submitted packet can be read", { byteLength: packet.byteLength });
      let copy: Uint8Array | undefined;
      for (const viewer of viewers) {
        if (!viewer.ready) continue;
        copy ??= privateCopy(packet);
        viewer.sendPacket(copy);
      }
      if (copy === undefined) return;
      packetCount++;
      packetBytes += copy.byteLength;
    },

    fault(fault, sourceText) {
      lastFault = { fault, sourceText };
      for (const viewer of viewers) if (viewer.ready) viewer.sendFault(lastFault);
    },

    notice(notice) {
      for (const viewer of viewers) if (viewer.ready) viewer.sendNotice(notice);
    },

    rescene(scene) {
      assert(shown !== undefined && seats !== undefined, "a driver is open before another scene");
      shown = { number: shown.number + 1, scene };
      seats.rescene(scene.controls);
      for (const viewer of viewers) if (viewer.ready) viewer.sendScene();
    },

    async close() {
      if (state === "closed") return;
      state = "closed";
      for (const viewer of viewers) viewer.bye("stopped", "The world has been stopped.", closeCode.goingAway);
      seats?.leaveAll();
      const ended = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const cancel = clock.after(500, () => {
        for (const viewer of viewers) viewer.end();
        server.closeAllConnections();
        // A connection that asked for an upgrade is not the server's any more, but it keeps it open.
        for (const stream of streams) stream.destroy();
      });
      await ended;
      cancel();
      sockets.close();
    },

    get url() {
      assert(port !== 0, "a driver's address is known once it is open");
      return `http://127.0.0.1:${port}/?token=${gate.token}`;
    },

    get counts() {
      let skippedPackets = goneSkippedCount;
      for (const viewer of viewers) skippedPackets += viewer.skippedCount;
      return {
        viewers: viewers.size,
        seats: seats?.takenCount ?? 0,
        packets: packetCount,
        packetBytes,
        skippedPackets,
      };
    },
  };
}

/** A private copy, outside shared memory. */
function privateCopy(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.allocUnsafeSlow(bytes.byteLength);
  copy.set(bytes);
  return copy;
}

/** Refuses an upgrade and closes both halves: whoever asked may keep its own half open for ever. */
function endUpgrade(stream: Duplex, status: number, phrase: string): void {
  const text = `HTTP/1.1 ${status} ${phrase}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
  stream.on("error", () => {});
  stream.end(text, () => stream.destroy());
}
