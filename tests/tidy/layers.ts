/**
 * The layers, as one table: each place has a rank, and a file imports what has a lower rank or what
 * lies in its own folder. The longest matching place counts. Types count like values: who needs
 * another's types cannot be understood, tested or replaced without it.
 */
import { importsOf, packageOf } from "./imports.ts";
import type { Breach, Source } from "./sources.ts";

interface Layer {
  readonly place: string;
  readonly rank: number;
  readonly reason: string;
}

export const layers: readonly Layer[] = [
  { place: "package.json", rank: 0, reason: "data: the pinned versions, part of a journal's header" },
  { place: "engine/base/", rank: 10, reason: "faults, limits, random, hash, bytes: depends on nothing" },
  { place: "engine/kernels/", rank: 20, reason: "loops over bytes: knows memory, not entities" },
  { place: "engine/trace/", rank: 25, reason: "rings of spans: whoever does work may say how long it took" },
  { place: "engine/services/", rank: 25, reason: "rings of messages: whoever does work may say something" },
  { place: "engine/ports/", rank: 30, reason: "what a host gives: clock, storage, packet memory" },
  { place: "engine/budget/", rank: 35, reason: "figures in, decisions out: knows no world" },
  { place: "engine/gpu/", rank: 35, reason: "queues and fences of a device: knows no world" },
  { place: "engine/navigation/", rank: 35, reason: "grids and paths over typed arrays: knows no entities" },
  { place: "engine/surface/", rank: 36, reason: "what is presented, in which order; stands on queues" },
  { place: "engine/ecs/", rank: 40, reason: "entities and columns; all game state is made of them" },
  { place: "engine/input/", rank: 50, reason: "records become columns" },
  { place: "engine/events/", rank: 50, reason: "rows become columns; input and events do not need each other" },
  { place: "engine/asset/", rank: 55, reason: "work over many frames; knows bytes and handles, not entities" },
  { place: "engine/sim/", rank: 60, reason: "plan, tick and world: runs systems without knowing which" },
  { place: "engine/audit/", rank: 65, reason: "looks into ticks of a world from outside and names what was written" },
  { place: "engine/transform/", rank: 70, reason: "the first subsystem: a system like any other" },
  { place: "engine/physics/", rank: 80, reason: "a subsystem that moves transforms" },
  { place: "engine/snapshot/", rank: 80, reason: "copies columns; knows nothing of physics, nor physics of it" },
  { place: "engine/jobs/", rank: 85, reason: "pure functions over snapshots, and the pool that runs them" },
  { place: "engine/streaming/", rank: 88, reason: "pipelines in the frame: gives jobs and drivers what is published" },
  { place: "engine/render/", rank: 90, reason: "reads snapshots; the driver port stands here, for packets and scenes" },
  { place: "engine/", rank: 100, reason: "game.ts and engine.ts: put the parts together" },
  { place: "engine/replay/", rank: 110, reason: "records a world from outside and runs engines again from records" },
  {
    place: "engine/swap/",
    rank: 115,
    reason: "moves a running world from one program to another, and says so in a journal",
  },
  { place: "engine/index.ts", rank: 120, reason: "the public face names all of the above" },
  { place: "runtime/", rank: 200, reason: "processes, files, sockets; runs any game, so it knows none" },
  { place: "game/", rank: 300, reason: "one game" },
  { place: "build.mjs", rank: 400, reason: "sets up, tests and packages everything" },
  { place: "tests/", rank: 400, reason: "tests see everything" },
];

/** Packages that one place alone may import, so that replacing one means changing one folder. */
const packageHomes: readonly { readonly package: RegExp; readonly place: string; readonly instead: string }[] = [
  { package: /^bitecs$/, place: "engine/ecs/", instead: "Use the store, commands or queries of engine/ecs" },
  { package: /rapier3d/, place: "engine/physics/", instead: "Use the components of engine/physics" },
  {
    package: /^gl-matrix$/,
    place: "engine/physics/",
    instead: "Write hot loops out; use engine/base/math.ts for functions",
  },
];

export function layerOf(path: string): Layer | undefined {
  return layers
    .filter(({ place }) => (place.endsWith("/") ? path.startsWith(place) : path === place))
    .sort((a, b) => b.place.length - a.place.length)[0];
}

/** All imports of `source` that go up, over a wall or outside. */
export function layerBreaches(source: Source): Breach[] {
  const own = layerOf(source.path);
  if (own === undefined)
    return [{ path: source.path, line: 1, rule: "no layer for this file", fix: "Give it one in tests/tidy/layers.ts" }];
  const breaches: Breach[] = [];
  for (const { line, specifier, path } of importsOf(source)) {
    const refuse = (rule: string, fix: string): void => {
      breaches.push({ path: source.path, line, rule: `"${specifier}": ${rule}`, fix });
    };
    if (path === undefined) checkPackage(source.path, specifier, refuse);
    else checkPath(own, source.path, path, refuse);
  }
  return breaches;
}

type Refuse = (rule: string, fix: string) => void;

function checkPackage(from: string, specifier: string, refuse: Refuse): void {
  if (from.startsWith("tests/") || from === "build.mjs") return;
  const home = packageHomes.find((candidate) => candidate.package.test(packageOf(specifier)));
  if (home !== undefined && !from.startsWith(home.place)) refuse(`only ${home.place} imports it`, home.instead);
  if (home !== undefined || from.startsWith("runtime/")) return;
  if (specifier.startsWith("node:"))
    refuse("the engine and games run in browsers too", "Take what you need through a port of engine/ports");
  else
    refuse("the engine and games bring no package of their own", "Add it to packageHomes with a reason, or go without");
}

function checkPath(own: Layer, from: string, path: string, refuse: Refuse): void {
  const target = layerOf(path);
  if (target === undefined) {
    refuse("it is in no layer", "Move it below engine/, runtime/, game/ or tests/");
    return;
  }
  if (from.startsWith("game/") && !path.startsWith("game/")) {
    const allowed = path === "engine/index.ts" || (from === "game/main.ts" && path.startsWith("runtime/"));
    if (!allowed)
      refuse(
        "a game sees engine/index.ts only (game/main.ts also runtime/)",
        "Export it from engine/index.ts if it is public",
      );
    return;
  }
  if (target.place === own.place || target.rank < own.rank) return;
  const direction = target.rank === own.rank ? "sideways out of its folder" : "up";
  refuse(
    `${own.place} (rank ${own.rank}) imports ${direction} from ${target.place} (rank ${target.rank}: ${target.reason})`,
    "Move the shared part down, or let the upper layer hand it in",
  );
}
