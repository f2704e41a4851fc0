/**
 * The hash tree: the tick hash seen from above. Its leaves are the hashes of spans that each tick computes anyway, and one
 * for each random stream; above them stand components, events and groups, which are folded only when somebody asks.
 *
 *     tick ─┬─ structure ─── Entities.dense, Entities.mask0 ...
 *           ├─ components ─┬─ Velocity ─── Velocity.x, Velocity.y ...
 *           │              └─ ...
 *           ├─ physics ─── BodyState ...        components that a subsystem brings stand below its name
 *           ├─ events ─── Contact ─── Contact.a ...
 *           ├─ random ─── stream of steer-tugs ...
 *           ├─ input, resources
 *           └─ memory ─── physics               what parts keep outside the arena; only where it is asked for
 *
 * Given a world, `HashShape` says which leaves and nodes there are: two worlds of one program have equal shapes. A
 * `HashTree` holds the leaves of one tick. Rapier's own memory is megabytes, which no steady tick can hash within its
 * share: what it gave is in the columns each tick, and the memory itself is a leaf in audit and heavy mode.
 */
import { avalanche, type Hash64, hashBytes, hashHex } from "../base/hash.ts";
import { phaseNames } from "../base/phases.ts";
import { randomStateWords } from "../base/random.ts";
import type { Part } from "../sim/program.ts";
import type { World } from "../sim/world.ts";
import { type StatePart, stateParts } from "./state-map.ts";

export interface HashNode {
  /** "tick", "physics", "Velocity", "Velocity.x", "stream of steer-tugs", "memory of physics". */
  readonly name: string;
  readonly kind: "tick" | "group" | "component" | "event" | "leaf";
  /** Distance from the root. */
  readonly depth: number;
  /** Nodes directly below, in their order. */
  readonly below: readonly HashNode[];
  /** Number of a leaf, -1 for others. */
  readonly leaf: number;
}

/** A node of which two trees say different things. */
export interface HashDifference {
  readonly node: HashNode;
  /** Names from the root to the node. */
  readonly path: readonly string[];
  readonly ours: string;
  readonly theirs: string;
}

export interface HashShapeOptions {
  /** Whether what parts keep outside the arena is hashed as well, by saving it: milliseconds a tick with physics. */
  readonly memory?: boolean;
}

const groupOf: Readonly<Record<StatePart["kind"], string>> = {
  ...{ structure: "structure", column: "components", event: "events", random: "random" },
  ...{ seats: "input", resources: "resources", other: "other" },
};

/** Which nodes the trees of a world have, and where their leaves come from. */
export class HashShape {
  readonly root: HashNode;
  /** Names of the leaves by number. */
  readonly leafNames: readonly string[];

  readonly #world: World;
  readonly #spanCount: number;
  readonly #streams: Uint32Array;
  readonly #streamCount: number;
  readonly #memory: readonly { readonly part: Part; save: unknown }[];

  constructor(world: World, { memory: hasMemory = false }: HashShapeOptions = {}) {
    const parts = stateParts(world);
    const names = parts.map(({ name }) => name);
    const streams = phaseNames.flatMap((phase) => world.program.order[phase]).map(({ name }) => name);
    const memory = world.program.parts.filter(({ subsystem }) => hasMemory && subsystem.state !== undefined);
    this.#world = world;
    this.#spanCount = parts.length;
    this.#streams = parts.find(({ kind }) => kind === "random")!.elements as Uint32Array;
    this.#streamCount = streams.length + 1;
    this.#memory = memory.map((part) => ({ part, save: undefined }));
    for (const system of [...streams, "setup"]) names.push(`stream of ${system}`);
    for (const { name } of memory) names.push(`memory of ${name}`);
    this.leafNames = names;
    this.root = rootOf(world, parts, names);
  }

  get leafCount(): number {
    return this.leafNames.length;
  }

  /** Writes (low, high) of each leaf of the tick that was just made to `out` from `at` on. Allocates nothing but for memory. */
  readLeaves(out: Uint32Array, at: number): void {
    const { results } = this.#world.hash;
    const streams = this.#streams;
    let to = at;
    for (let i = 0; i < this.#spanCount * 2; i++) out[to++] = results[i]!;
    for (let stream = 0; stream < this.#streamCount; stream++) {
      let low = stream;
      let high = ~stream;
      for (let word = stream * randomStateWords; word < (stream + 1) * randomStateWords; word++) {
        low = avalanche(low ^ streams[word]!);
        high = avalanche(Math.imul(high, 5) + streams[word]!);
      }
      out[to++] = low;
      out[to++] = high;
    }
    for (const memory of this.#memory) {
      const state = memory.part.subsystem.state!;
      memory.save = state.save(memory.save);
      const { low, high } = hashBytes(state.encode(memory.save));
      out[to++] = low;
      out[to++] = high;
    }
  }
}

/** The hashes of one tick. */
export class HashTree {
  readonly shape: HashShape;
  readonly tick: number;
  /** The tick hash, which is chained to those of all ticks before. */
  readonly chain: Hash64;
  readonly #leaves: Uint32Array;

  /** `leaves` are (low, high) of each leaf; they are not copied. */
  constructor(shape: HashShape, tick: number, chain: Hash64, leaves: Uint32Array) {
    this.shape = shape;
    this.tick = tick;
    this.chain = chain;
    this.#leaves = leaves;
  }

  /** The tree of the tick that `world` has just made. */
  static of(shape: HashShape, world: World): HashTree {
    const leaves = new Uint32Array(shape.leafCount * 2);
    shape.readLeaves(leaves, 0);
    return new HashTree(shape, world.tickCount, { low: world.hash.low, high: world.hash.high }, leaves);
  }

  /** The hash of a node: a leaf's own, or the fold of those below it. */
  hashOf(node: HashNode): Hash64 {
    if (node.leaf >= 0) return { low: this.#leaves[node.leaf * 2]!, high: this.#leaves[node.leaf * 2 + 1]! };
    let low = node.below.length;
    let high = ~low;
    for (const child of node.below) {
      const hash = this.hashOf(child);
      low = avalanche((Math.imul(low, 5) + hash.low) | 0);
      high = avalanche((Math.imul(high, 5) ^ hash.high) | 0);
    }
    return { low: low >>> 0, high: high >>> 0 };
  }

  /** The nodes of which this tree and another of an equal shape differ, each before those below it; none when all agree. */
  differences(other: HashTree): HashDifference[] {
    const found: HashDifference[] = [];
    const visit = (node: HashNode, path: readonly string[]): void => {
      const ours = textOf(this.hashOf(node));
      const theirs = textOf(other.hashOf(node));
      if (ours === theirs) return;
      const own = [...path, node.name];
      found.push({ node, path: own, ours, theirs });
      for (const child of node.below) visit(child, own);
    };
    visit(this.shape.root, []);
    return found;
  }

  /** All nodes with their hashes, each before those below it, as lines indented by their depth. */
  text(): string {
    const lines: string[] = [];
    const visit = (node: HashNode): void => {
      lines.push(`${"  ".repeat(node.depth)}${textOf(this.hashOf(node))} ${node.name}`);
      node.below.forEach(visit);
    };
    visit(this.shape.root);
    return lines.join("\n");
  }
}

function textOf({ low, high }: Hash64): string {
  return hashHex(high, low);
}

/** Groups in the order in which their first leaf comes; below them components and events, below those their columns. */
function rootOf(world: World, parts: readonly StatePart[], names: readonly string[]): HashNode {
  const brings = new Map<string, string>();
  for (const { name, definition } of world.program.parts)
    for (const component of definition.components ?? []) brings.set(component.name, name);
  const groups = new Map<string, Map<string, HashNode[]>>();
  const put = (group: string, owner: string, leaf: number, depth: number): void => {
    const owners = groups.get(group) ?? new Map<string, HashNode[]>();
    groups.set(group, owners);
    const leaves = owners.get(owner) ?? [];
    owners.set(owner, leaves);
    leaves.push({ name: names[leaf]!, kind: "leaf", depth, below: [], leaf });
  };
  parts.forEach(({ kind, owner, component, event }, leaf) => {
    const group = component === undefined ? groupOf[kind] : (brings.get(owner) ?? groupOf.column);
    const isOwned = component !== undefined || event !== undefined;
    // The span of all streams is the sum of theirs: it would only say twice that something differs.
    if (kind !== "random") put(group, isOwned ? owner : "", leaf, isOwned ? 3 : 2);
  });
  names.forEach((name, leaf) => {
    if (leaf >= parts.length) put(name.startsWith("memory of ") ? "memory" : "random", "", leaf, 2);
  });
  const below = [...groups].map(([name, owners]): HashNode => {
    const nodes = [...owners].flatMap(([owner, leaves]): readonly HashNode[] =>
      owner === "" ? leaves : [{ name: owner, kind: kindOf(world, owner), depth: 2, below: leaves, leaf: -1 }],
    );
    return { name, kind: "group", depth: 1, below: nodes, leaf: -1 };
  });
  return { name: "tick", kind: "tick", depth: 0, below, leaf: -1 };
}

function kindOf(world: World, owner: string): "component" | "event" {
  return world.program.events.some(({ name }) => name === owner) ? "event" : "component";
}
