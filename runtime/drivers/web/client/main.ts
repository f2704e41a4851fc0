/**
 * The page's program: joins link, timeline, stage, HUD and input, and runs the animation frame. One
 * frame reads top to bottom in `frame`.
 *
 * Rule: the page never guesses about the world. It shows what packets say, and says what keys do.
 */
import { cameraElementCount, type PacketHeader, readPacket } from "../../../../engine/render/packet.ts";
import type { SceneDescription } from "../../../../engine/render/scene.ts";
import { resourcePath } from "../protocol.ts";
import { Bindings } from "./bindings.ts";
import { openCanvas } from "./canvas.ts";
import { pageElement } from "./element.ts";
import { FrameRate } from "./frame-rate.ts";
import { Help } from "./help.ts";
import { Hud } from "./hud.ts";
import { hashText } from "./hud-text.ts";
import { Input } from "./input.ts";
import { type Connection, Link } from "./link.ts";
import { Notices } from "./notice.ts";
import { PacketQueue } from "./packet-queue.ts";
import { exposeProbe } from "./probe.ts";
import { Quality, qualityLevels, softwareLevelIndex } from "./quality.ts";
import { Stage } from "./stage.ts";
import { Status } from "./status.ts";
import { blendAlpha, Timeline } from "./timeline.ts";

const canvas = pageElement("view") as HTMLCanvasElement;
const notices = new Notices();
const status = new Status(pageElement("status-fields"));
const frameRate = new FrameRate();
const packets = new PacketQueue();
const address = new URL(location.href).searchParams;

const opened = openCanvas(canvas);
const forcedLevel = qualityLevels.findIndex(({ name }) => name === address.get("quality"));
const quality = new Quality(forcedLevel >= 0 ? forcedLevel : opened?.software === true ? softwareLevelIndex : 0);

let scene: SceneDescription | undefined;
let stage: Stage | undefined;
let hud: Hud | undefined;
let timeline = new Timeline(16_667);
let newestHeader: PacketHeader | undefined;
let contextLost = false;
let lastFrameMillis = 0;
const cameraTarget: [number, number, number] = [0, 0, 0];

const input = new Input(canvas, (recordBytes) => link.send(recordBytes as Uint8Array<ArrayBuffer>));
const help = new Help(pageElement("help"), pageElement("help-button"), (key) => input.binds(key));
const link = new Link(
  {
    token: address.get("token") ?? "",
    build: document.querySelector<HTMLMetaElement>('meta[name="orrery-build"]')?.content ?? "",
    name: address.get("name") ?? "Player",
  },
  {
    scene(message) {
      const bindings = message.player === 0 ? undefined : new Bindings(message.player, message.scene.controls);
      // Of a seat whose connection was lost the driver has released everything.
      input.bind(bindings, link.connection === "playing");
      notices.hideFault();
      if (JSON.stringify(scene) !== JSON.stringify(message.scene)) setScene(message.scene);
      timeline = new Timeline(message.scene.tickMicros);
      packets.clear();
    },
    packet(bytes) {
      const packet = readPacket(bytes);
      if (packet === undefined) return;
      newestHeader = packet.header;
      timeline.arrived(packet.header.tick, performance.now() * 1000);
      packets.push(packet);
    },
    fault: (fault) => notices.showFault(fault),
    notice: (notice) => notices.showToast(notice),
    changed: showConnection,
  },
);

function setScene(next: SceneDescription): void {
  scene = next;
  document.title = next.title;
  hud = new Hud(pageElement("hud"), next);
  help.show(next);
  stage?.dispose();
  stage = opened === undefined ? undefined : new Stage(opened, next, fetchResource);
  fitStage();
}

/** Asks the driver for a version of a streamed resource. */
async function fetchResource(number: number, version: number, signal: AbortSignal): Promise<Uint8Array> {
  const token = encodeURIComponent(address.get("token") ?? "");
  const response = await fetch(`${resourcePath(number, version)}?token=${token}`, { signal });
  if (!response.ok) throw new Error(`the driver answers ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

function showConnection(connection: Connection, text: string): void {
  if (opened === undefined) showMissingGraphics();
  else if (connection === "playing") notices.hide();
  else if (connection === "watching") notices.show("Watching", "Every seat is taken.", false);
  else if (connection === "reconnecting") notices.show("Connecting again", text, true);
  else if (connection === "ended") notices.show("Not connected", text, false);
}

function showMissingGraphics(): void {
  notices.show(
    "This browser cannot draw the game",
    "WebGL 2 is missing or turned off. Turn on hardware acceleration, or use a current Chrome, Edge or Firefox.",
    false,
  );
}

function fitStage(): void {
  stage?.fit(canvas.clientWidth, canvas.clientHeight, devicePixelRatio, quality.level);
}

/** The place of this page's viewer among a packet's cameras; the first when it has none. */
function viewerIndex(cameras: Float32Array): number {
  for (let at = 0, index = 0; at < cameras.length; at += cameraElementCount, index++)
    if (cameras[at] === link.player) return index;
  return 0;
}

function frame(nowMillis: number): void {
  requestAnimationFrame(frame);
  input.flushAxes();
  frameRate.noteFrame(nowMillis);
  const shownTick = timeline.tickAt(performance.now() * 1000);
  const packet = packets.take(shownTick);
  if (packet !== undefined && stage !== undefined && !contextLost) {
    const viewer = viewerIndex(packet.cameras);
    stage.draw(packet, blendAlpha(packet.header.tick, shownTick), viewer);
    const target = viewer * cameraElementCount + 13;
    for (let i = 0; i < 3; i++) cameraTarget[i] = packet.cameras[target + i]!;
    hud?.show(packet.hud, viewer * hud.itemCount);
    if (forcedLevel < 0 && quality.noteFrame(nowMillis - lastFrameMillis)) fitStage();
  }
  lastFrameMillis = nowMillis;
  status.show(
    {
      header: newestHeader,
      connection: link.connection,
      framesPerSecond: frameRate.perSecond,
      quality: quality.level.name,
      drawn: stage?.drawn,
    },
    nowMillis,
  );
}

exposeProbe({
  get tick() {
    return newestHeader?.tick ?? -1;
  },
  get hash() {
    return newestHeader === undefined ? "" : hashText(newestHeader.hashHigh, newestHeader.hashLow);
  },
  get hud() {
    return hud?.values ?? {};
  },
  get cameraTarget() {
    return [...cameraTarget] as const;
  },
  get playerKey() {
    return link.player;
  },
  get connection() {
    return link.connection;
  },
  get framesPerSecond() {
    return frameRate.perSecond;
  },
  get quality() {
    return quality.level.name;
  },
  get drawn() {
    return stage === undefined ? undefined : { ...stage.drawn };
  },
  get resources() {
    return Object.fromEntries((scene?.resources ?? []).map(({ name }, i) => [name, stage?.resources.stateOf(i)]));
  },
});

new ResizeObserver(fitStage).observe(canvas);
canvas.addEventListener("webglcontextlost", (event) => {
  event.preventDefault();
  contextLost = true;
  notices.show("The graphics were reset", "The picture returns in a moment.", true);
});
canvas.addEventListener("webglcontextrestored", () => {
  contextLost = false;
  stage?.restore();
  fitStage();
  showConnection(link.connection, "");
});
if (opened === undefined) showMissingGraphics();
requestAnimationFrame(frame);
