/**
 * Culling 100,000 spheres as jobs, end to end: from the snapshot's matrices to bounds, a hierarchy over them, and the
 * lists that two cameras see; with the coordinator alone and with a worker beside it. The peer is three's test of every
 * object for both cameras: `intersectsObject` takes the bounds through the matrix, as the jobs do.
 */
import { Frustum, Matrix4, Mesh, PerspectiveCamera, type Plane, Sphere, SphereGeometry, Vector3 } from "three";
import { defineGame } from "../../engine/game.ts";
import { jobsOf } from "../../engine/jobs/subsystem.ts";
import { cameraEntryWords, shadowEntry } from "../../engine/render/camera-rig.ts";
import { boundsJob } from "../../engine/render/jobs/bounds.ts";
import { hierarchyJob, Visible, visibilityJob } from "../../engine/render/jobs/visibility.ts";
import { defineLook, Renderable } from "../../engine/render/look.ts";
import { Position, WorldTransform } from "../../engine/transform/components.ts";
import { type CrewScenario, measureWithCrew } from "./crew.ts";
import { agree, type BenchSize, type Comparison, compare, keep } from "./measure.ts";
import { benchDraws } from "./navigation.ts";
import { type BenchGroup, type BenchRow, timeRow } from "./row.ts";

const aloneRow = "culling as jobs, 100,000 spheres, no worker";
const besideRow = "culling as jobs, 100,000 spheres, 1 worker";
const goal = { fasterMin: 6, text: ">= 6x faster than three" };
const radius = 0.6;

export const cullingJob: BenchGroup = { rowNames: [aloneRow, besideRow], run };

const look = defineLook({ meshes: { ball: { shape: "sphere", radius } }, materials: { plain: { color: 0xffffff } } });

const countOf = (size: BenchSize): number => (size === "whole" ? 100_000 : 200);

function places(count: number): readonly (readonly [number, number, number])[] {
  const draws = benchDraws("culling");
  return Array.from({ length: count }, () => {
    const at = (): number => Math.fround(draws.between(-100, 100));
    return [at(), at(), at()] as const;
  });
}

/** A camera in the middle that sees a part, and one from outside that sees nearly all. */
function frusta(): readonly Frustum[] {
  return [new Vector3(0, 0, 0), new Vector3(0, 60, 180)].map((eye) => {
    const camera = new PerspectiveCamera(60, 16 / 9, 0.1, 400);
    camera.position.copy(eye);
    camera.lookAt(new Vector3(0, 0, -50));
    camera.updateMatrixWorld();
    const matrix = new Matrix4().multiplyMatrices(camera.projectionMatrix, camera.matrixWorldInverse);
    return new Frustum().setFromProjectionMatrix(matrix);
  });
}

export const cullingScenario: CrewScenario<Comparison> = {
  name: "culling",
  game(size) {
    const count = countOf(size);
    return defineGame({
      id: "bench-culling",
      tickRate: 60,
      limits: { entities: count + 1, commandsPerTick: count + 1 },
      components: [],
      systems: [],
      jobs: [boundsJob(look, count + 1), hierarchyJob(count + 1), visibilityJob(count + 1)],
      setup({ commands }) {
        for (const [x, y, z] of places(count)) commands.spawn(Position.of({ x, y, z }), WorldTransform, Renderable);
      },
    });
  },
  async measure({ size, start }) {
    const engine = await start();
    const jobs = jobsOf(engine);
    const cameras = frusta();
    const feed = new Float32Array(cameraEntryWords * (shadowEntry + 1));
    feed[0] = 1;
    writePlanes(cameras[0]!.planes, feed, cameraEntryWords);
    writePlanes(cameras[1]!.planes, feed, shadowEntry * cameraEntryWords);
    jobs.feed("cameras", feed);
    jobs.present();
    engine.step();
    const { entities } = engine.world.query([Renderable]);
    const geometry = new SphereGeometry(radius, 3, 2);
    const objects = places(countOf(size)).map(([x, y, z]) => {
      const object = new Mesh(geometry);
      object.matrixWorld.makeTranslation(x, y, z);
      return object;
    });
    geometry.boundingSphere = new Sphere(new Vector3(), radius);
    const seen = cameras.map(() => new Uint32Array(objects.length));
    const three = (): readonly number[] =>
      cameras.map((frustum, camera) => {
        let count = 0;
        for (let i = 0; i < objects.length; i++)
          if (frustum.intersectsObject(objects[i]!)) seen[camera]![count++] = entities[i]!;
        return count;
      });
    const comparison = compare({
      ...(size === "whole" ? { warmUpCount: 15, roundCount: 40 } : { warmUpCount: 1, roundCount: 2 }),
      ours: () => jobs.runFrameJobs(),
      peer: () => three().forEach(keep),
    });
    const { columns, rowStride, rowCounts } = jobs.outputOf(Visible);
    three().forEach((count, camera) => {
      const first = camera * rowStride;
      // Indices 0 and 1 are nobody and the world, points at the origin until the packed instances leave them out.
      const ours = columns.entity.subarray(first, first + rowCounts[camera]!).filter((entity) => entity > 1);
      agree(aloneRow, ours, seen[camera]!.subarray(0, count));
    });
    engine.dispose();
    return comparison;
  },
};

function writePlanes(planes: readonly Plane[], feed: Float32Array, at: number): void {
  for (const [i, { normal, constant }] of planes.entries())
    feed.set([normal.x, normal.y, normal.z, constant], at + i * 4);
}

async function run(size: BenchSize): Promise<readonly BenchRow[]> {
  return [
    timeRow(aloneRow, await measureWithCrew(cullingScenario, 0, size), "three, 2 cameras", goal),
    timeRow(besideRow, await measureWithCrew(cullingScenario, 1, size), "three, 2 cameras"),
  ];
}
