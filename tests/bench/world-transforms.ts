/**
 * World transforms of 100,000 nodes against three's `updateMatrixWorld` over the same tree: 1,000
 * roots with 9 children of 10 children each, every node with position, rotation and scale.
 *
 * In the first row every node moved, and three does what it does by default. In the second one node of
 * a hundred moved, of all levels; three is used as its manual advises then, with `matrixAutoUpdate` off
 * and `updateMatrix` called for the nodes that moved.
 */
import { Object3D, Quaternion } from "three";
import { Parent } from "../../engine/ecs/hierarchy.ts";
import { not } from "../../engine/ecs/prepared-query.ts";
import type { Engine } from "../../engine/engine.ts";
import { defineGame } from "../../engine/game.ts";
import { Position, Rotation, Scale, WorldTransform } from "../../engine/transform/components.ts";
import { transformSubsystem } from "../../engine/transform/subsystem.ts";
import { agree, type BenchSize, compare, startEngine } from "./measure.ts";
import { type BenchGroup, type BenchRow, timeRow } from "./row.ts";

const allRow = "world transforms, 100,000 nodes";
const fewRow = "world transforms, 1 % moved";
const childCount = 9;
const grandchildCount = 10;
/** Every 101st node moves in the second row: about 1 %, from all three levels of the tree. */
const fewStride = 101;
const tolerance = 1e-4;

export const worldTransforms: BenchGroup = { rowNames: [allRow, fewRow], run };

async function run(size: BenchSize): Promise<readonly BenchRow[]> {
  const rootCount = size === "whole" ? 1_000 : 2;
  const rounds = size === "whole" ? { warmUpCount: 60, roundCount: 60 } : { warmUpCount: 1, roundCount: 2 };
  const engine = await startEngine(forest(rootCount));
  const { world } = engine;
  const roots = world.query([WorldTransform, Position, not(Parent)]).entities;
  const nodes = world.query([WorldTransform, Position]).entities;
  engine.step();
  const { transforms } = engine.of(transformSubsystem);
  const x = world.store.columnsOf(Position)["x"] as Float32Array;
  const tree = threeTree(engine, nodes);

  let step = 1;
  const moveEach = (stride: number): void => {
    step = -step;
    for (let i = 0; i < nodes.length; i += stride) {
      const e = nodes[i]!;
      x[e] = x[e]! + step;
      tree.objects[e]!.position.x = x[e]!;
    }
  };
  const check = (name: string): void => {
    const matrix = world.store.columnsOf(WorldTransform)["matrix"] as Float32Array;
    for (const e of nodes)
      agree(name, matrix.subarray(e * 16, e * 16 + 16), tree.objects[e]!.matrixWorld.elements, tolerance);
  };

  const all = compare({
    ...rounds,
    prepare: () => moveEach(1),
    ours: () => transforms!.update(roots),
    peer: () => tree.scene.updateMatrixWorld(),
  });
  transforms!.update(roots);
  if (transforms!.recomputedCount !== 0) throw new Error("a second pass found something to do");
  moveEach(1);
  transforms!.update(roots);
  if (transforms!.recomputedCount !== nodes.length) throw new Error(`moved all, made ${transforms!.recomputedCount}`);
  tree.scene.updateMatrixWorld();
  check(allRow);

  for (const object of tree.objects) if (object !== undefined) object.matrixAutoUpdate = false;
  tree.scene.matrixAutoUpdate = false;
  const few = compare({
    ...rounds,
    prepare: () => moveEach(fewStride),
    ours: () => transforms!.update(roots),
    peer: () => {
      for (let i = 0; i < nodes.length; i += fewStride) tree.objects[nodes[i]!]!.updateMatrix();
      tree.scene.updateMatrixWorld();
    },
  });
  moveEach(fewStride);
  transforms!.update(roots);
  for (let i = 0; i < nodes.length; i += fewStride) tree.objects[nodes[i]!]!.updateMatrix();
  tree.scene.updateMatrixWorld();
  check(fewRow);
  engine.dispose();
  return [
    timeRow(allRow, all, "three 0.187", { fasterMin: 12, text: ">= 12x faster than three" }),
    timeRow(fewRow, few, "three, updateMatrix by hand"),
  ];
}

function forest(rootCount: number) {
  const entities = rootCount * (1 + childCount * (1 + grandchildCount)) + 1;
  return defineGame({
    id: "bench-forest",
    tickRate: 60,
    limits: { entities, commandsPerTick: entities },
    components: [],
    systems: [],
    setup({ commands, random }) {
      const parts = () => {
        const turn = new Quaternion(random.between(-1, 1), random.between(-1, 1), random.between(-1, 1), 1).normalize();
        return [
          Position.of({ x: random.between(-9, 9), y: random.between(-9, 9), z: random.between(-9, 9) }),
          Rotation.of({ x: turn.x, y: turn.y, z: turn.z, w: turn.w }),
          Scale.of({ x: random.between(0.9, 1.1), y: random.between(0.9, 1.1), z: random.between(0.9, 1.1) }),
          WorldTransform.of({}),
        ];
      };
      for (let root = 0; root < rootCount; root++) {
        const top = commands.spawn(...parts());
        for (let child = 0; child < childCount; child++) {
          const middle = commands.spawnChild(top, ...parts());
          for (let leaf = 0; leaf < grandchildCount; leaf++) commands.spawnChild(middle, ...parts());
        }
      }
    },
  });
}

/** The same tree in three, with its objects by entity index. */
function threeTree({ world }: Engine, nodes: Uint32Array) {
  const position = world.store.columnsOf(Position) as Vector;
  const rotation = world.store.columnsOf(Rotation) as Vector;
  const scale = world.store.columnsOf(Scale) as Vector;
  const scene = new Object3D();
  const objects: (Object3D | undefined)[] = [];
  for (const e of nodes) {
    const object = new Object3D();
    object.position.set(position["x"]![e]!, position["y"]![e]!, position["z"]![e]!);
    object.quaternion.set(rotation["x"]![e]!, rotation["y"]![e]!, rotation["z"]![e]!, rotation["w"]![e]!);
    object.scale.set(scale["x"]![e]!, scale["y"]![e]!, scale["z"]![e]!);
    objects[e] = object;
  }
  for (const e of nodes) (objects[world.lookup.parentOf(e)] ?? scene).add(objects[e]!);
  return { scene, objects };
}

type Vector = Readonly<Record<string, Float32Array>>;
