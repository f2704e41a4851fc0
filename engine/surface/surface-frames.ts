/**
 * The frames of all surfaces on a device: pictures, fences and turns. It is given the surface graph and
 * a device, and drives each frame through
 *
 *     begin ─▶ record + submit each turn, on any threads ─▶ seal ─▶ present each, in order ─▶ end
 *
 * `begin` lets changes of the graph take effect, finds the surfaces that are due, and gives each a
 * turn with its picture, its fence and what it waits for. Every surface has two pictures and draws into
 * them by turns, so that one is shown or read while the other is drawn; the waits that this needs are
 * found here. Turns are numbered by level, so that levels may also be sealed one by one.
 *
 * The coordinator owns it; workers see only SurfaceTurns over the same memory.
 */
import { raise } from "../base/faults.ts";
import type { GraphicsDevice, ResourceId } from "../gpu/device.ts";
import { type Fence, lineCount, lines, passedFence } from "../gpu/queues.ts";
import type { Surface } from "./surface.ts";
import type { SurfaceGraph, SurfaceSet } from "./surface-graph.ts";
import { SurfaceTurn, type SurfaceTurns } from "./surface-turns.ts";

/** What a frame does; arrays of turn numbers. */
export interface SurfaceFrame {
  readonly frame: number;
  readonly turnCount: number;
  /** Turns that may be recorded and submitted in parallel, group by group or, all the same, all at once. */
  readonly levels: readonly (readonly number[])[];
  /** Turns in the order in which they are presented. */
  readonly order: readonly number[];
  /** Surface of each turn. */
  readonly surfaces: readonly Surface[];
  /** Surfaces that keep the picture they have, in order of presentation. */
  readonly idle: readonly Surface[];
}

export interface SurfaceFramesOptions {
  readonly graph: SurfaceGraph;
  readonly device: GraphicsDevice;
  readonly turns: SurfaceTurns;
  /** Added to turn numbers to make the `order` of their places, so that other work has places before them. */
  readonly firstOrder?: number;
}

type FrameShape = Omit<SurfaceFrame, "frame" | "turnCount">;

const bytesPerPixel = 4;
/** Shapes of frames that are kept: surfaces drawn every 2nd and 3rd frame have six. */
const shapeCountMax = 64;

/** What a surface has on the device while it is in the graph. */
class Pictures {
  readonly surface: Surface;
  readonly label: number;
  readonly ids: readonly ResourceId[];
  /** For each picture the last value a line that uses it: its drawing, its readers, its showing. */
  readonly uses: readonly Uint32Array[] = [new Uint32Array(lineCount), new Uint32Array(lineCount)];
  /** Which of the two was drawn last, in which frame, and when that is done. */
  current = 1;
  drawnFrame = -1;
  drawn: Fence = passedFence;

  constructor(surface: Surface, device: GraphicsDevice) {
    const { name, width, height, queue } = surface;
    const kind = queue === "graphics" ? "target" : "texture";
    const byteLength = width * height * bytesPerPixel;
    this.surface = surface;
    this.label = device.label(name);
    this.ids = [0, 1].map((i) => device.createResource({ name: `${name} ${i}`, kind, byteLength }));
  }
}

export class SurfaceFrames {
  readonly #graph: SurfaceGraph;
  readonly #device: GraphicsDevice;
  readonly #turns: SurfaceTurns;
  readonly #firstOrder: number;
  readonly #pictures = new Map<Surface, Pictures>();
  readonly #byName = new Map<string, Pictures>();
  readonly #turn = new SurfaceTurn();
  readonly #shapes = new Map<number, FrameShape>();
  readonly #waits: Fence[] = [passedFence];
  #version = 0;
  #now: SurfaceFrame | undefined;
  #lastFrame = -1;
  #presentedCount = 0;

  constructor({ graph, device, turns, firstOrder = 256 }: SurfaceFramesOptions) {
    this.#graph = graph;
    this.#device = device;
    this.#turns = turns;
    this.#firstOrder = firstOrder;
    turns.nameOf = (number) => this.#now?.surfaces[number]?.name ?? `turn ${number}`;
  }

  /** Begins a frame, whose number is above the last one's. Raises "surface-order", "limit-reached". */
  begin(frame: number): SurfaceFrame {
    if (this.#now !== undefined) this.#refuse("begin", "within its frame", "at the end of the frame before");
    if (!(frame > this.#lastFrame))
      this.#refuse("begin", `past frame ${frame}`, `given a frame above ${this.#lastFrame}`);
    const set = this.#graph.advance();
    if (set.version !== this.#version) this.#follow(set);
    const shape = this.#shapeOf(set, frame);
    const { surfaces } = shape;
    for (let number = 0; number < surfaces.length; number++) this.#plan(number, surfaces[number]!, frame);
    this.#presentedCount = 0;
    this.#lastFrame = frame;
    this.#now = { frame, turnCount: surfaces.length, ...shape };
    return this.#now;
  }

  /** Takes what is submitted; may be called after each level, or once for all. Nobody submits meanwhile. */
  seal(): void {
    const { turnCount } = this.#open("seal");
    for (const ring of this.#turns.rings) this.#device.drain(ring);
    this.#device.seal();
    for (let number = 0; number < turnCount; number++)
      if (this.#turns.state(number) === "submitted") this.#turns.seal(number);
  }

  /** Presents a turn, which must be sealed and the next one in order. Raises "surface-order". */
  present(number: number): void {
    const { frame, order, surfaces } = this.#open("present");
    const next = order[this.#presentedCount];
    const surface = surfaces[number];
    if (
      surface === undefined ||
      next === undefined ||
      (next !== number && order.indexOf(number) > this.#presentedCount)
    )
      this.#refuse(
        "present",
        next === undefined ? "done with all turns" : `waiting for "${surfaces[next]!.name}"`,
        next === undefined ? "given each turn once" : `presented after "${surfaces[next]!.name}"`,
        surface?.name,
      );
    this.#turns.checkSealed(number);
    const pictures = this.#pictures.get(surface)!;
    const { current, ids, drawn, label } = pictures;
    const { presentMicros } = surface.costs;
    this.#waits[0] = drawn;
    const shown = this.#device.present(frame, label, ids[current]!, this.#waits, presentMicros);
    pictures.uses[current]![lines.present] = shown.value;
    this.#turns.present(number);
    this.#presentedCount++;
  }

  /** Ends the frame, all turns of which are presented, and frees what is retired. Raises "surface-order". */
  end(): void {
    const { order, surfaces } = this.#open("end");
    const next = order[this.#presentedCount];
    if (next !== undefined) this.#refuse("end", this.#turns.state(next), "presented", surfaces[next]!.name);
    this.#now = undefined;
    this.#device.collect();
  }

  /** Gives all pictures back, behind their fences; the graph is not changed. A frame that is open is given up. */
  close(): void {
    this.#now = undefined;
    for (const pictures of this.#pictures.values()) this.#retire(pictures);
    this.#pictures.clear();
    this.#byName.clear();
  }

  /** The picture that the surface drew last, and the fence behind which it is whole; undefined before the first. */
  picture(name: string): { readonly resource: ResourceId; readonly drawn: Fence } | undefined {
    const pictures = this.#byName.get(name);
    if (pictures === undefined || pictures.drawnFrame < 0) return undefined;
    return { resource: pictures.ids[pictures.current]!, drawn: pictures.drawn };
  }

  /** Which surfaces are drawn in this frame, as turns. Frames that draw the same ones share a shape. */
  #shapeOf({ order, levels }: SurfaceSet, frame: number): FrameShape {
    let key = 1;
    for (let i = 0; i < order.length; i++) key = key * 2 + (this.#isDue(order[i]!, frame) ? 1 : 0);
    // Beyond 2^53 two sets of due surfaces may share a key, so those shapes are made anew.
    const known = key <= Number.MAX_SAFE_INTEGER ? this.#shapes.get(key) : undefined;
    if (known !== undefined) return known;
    const surfaces: Surface[] = [];
    const turnLevels: number[][] = [];
    for (const group of levels) {
      const due = group.filter((surface) => this.#isDue(surface, frame));
      if (due.length > 0) turnLevels.push(due.map((surface) => surfaces.push(surface) - 1));
    }
    const { surfaceCount } = this.#turns.limits;
    if (surfaces.length > surfaceCount)
      raise("limit-reached", { limit: "surfaceCount", value: surfaceCount, setting: "limits.surfaceCount" });
    const turns = order.map((surface) => surfaces.indexOf(surface));
    const shape: FrameShape = {
      levels: turnLevels,
      order: turns.filter((number) => number >= 0),
      surfaces,
      idle: order.filter((_, i) => turns[i]! < 0),
    };
    if (this.#shapes.size >= shapeCountMax) this.#shapes.clear();
    this.#shapes.set(key, shape);
    return shape;
  }

  #isDue(surface: Surface, frame: number): boolean {
    const { drawnFrame } = this.#pictures.get(surface)!;
    return drawnFrame < 0 || frame - drawnFrame >= this.#graph.everyFrames(surface);
  }

  /** Gives back the pictures of surfaces that left, and makes those of surfaces that came. */
  #follow({ order, version }: SurfaceSet): void {
    this.#version = version;
    this.#shapes.clear();
    const staying = new Set(order);
    for (const [surface, pictures] of this.#pictures) {
      if (staying.has(surface)) continue;
      this.#retire(pictures);
      this.#pictures.delete(surface);
      this.#byName.delete(surface.name);
    }
    for (const surface of order) {
      if (this.#pictures.has(surface)) continue;
      const pictures = new Pictures(surface, this.#device);
      this.#pictures.set(surface, pictures);
      this.#byName.set(surface.name, pictures);
    }
  }

  /** The device frees them when every line has passed its last use: drawing, reading, showing. */
  #retire({ ids }: Pictures): void {
    for (const id of ids) this.#device.retire(id, passedFence);
  }

  /** Fills the row of a turn: the other picture of its surface, its fence, and all that it waits for. */
  #plan(number: number, surface: Surface, frame: number): void {
    const pictures = this.#pictures.get(surface)!;
    const line = lines[surface.queue];
    const fence = this.#device.reserve(surface.queue);
    const current = 1 - pictures.current;
    const uses = pictures.uses[current]!;
    const turn = this.#turn;
    turn.number = number;
    turn.frame = frame;
    turn.order = this.#firstOrder + number;
    turn.queue = line;
    turn.label = pictures.label;
    turn.picture = pictures.ids[current]!;
    turn.signalValue = fence.value;
    turn.width = surface.width;
    turn.height = surface.height;
    turn.recordMicros = surface.costs.recordMicros;
    turn.submitMicros = surface.costs.submitMicros;
    turn.presentMicros = surface.costs.presentMicros;
    turn.waits.set(uses);
    // A line waits for nothing of its own: it works in order.
    turn.waits[line] = 0;
    turn.readCount = surface.reads.length;
    turn.reads.fill(0);
    for (let i = 0; i < surface.reads.length; i++) {
      const source = this.#byName.get(surface.reads[i]!)!;
      turn.reads[i] = source.ids[source.current]!;
      const sourceLine = lines[source.drawn.line];
      if (sourceLine !== line) turn.waits[sourceLine] = Math.max(turn.waits[sourceLine]!, source.drawn.value);
      source.uses[source.current]![line] = fence.value;
    }
    uses[line] = fence.value;
    this.#turns.plan(turn);
    pictures.current = current;
    pictures.drawnFrame = frame;
    pictures.drawn = fence;
  }

  #open(operation: string): SurfaceFrame {
    return this.#now ?? this.#refuse(operation, "between frames", "within a frame");
  }
  #refuse(operation: string, state: string, needed: string, surface = "all"): never {
    raise("surface-order", { surface, operation, state, needed });
  }
}
