/**
 * What Scrapyard makes while it runs, over many frames: the grid that pilots find their ways on, which the
 * world waits for at fixed ticks, and the platforms that drift far off, which are shown when they are ready.
 */
import { definePipeline, defineResource, defineStage } from "../engine/index.ts";
import { buildYardGridInto, gridInputOf, yardGridBytes } from "./navigation/yard-grid.ts";
import { makeSection } from "./sections/section.ts";
import { ticksOf } from "./time.ts";

const yardGrid = definePipeline({
  name: "yard-grid",
  host: false,
  stages: [
    defineStage({
      name: "build-yard-grid",
      run(context) {
        const { buffer, byteOffset, byteLength } = context.input;
        buildYardGridInto(new Float32Array(buffer, byteOffset, byteLength / 4), context.allocate(yardGridBytes));
      },
    }),
  ],
});

const section = definePipeline({
  name: "section",
  host: false,
  stages: [
    defineStage({
      name: "make-section",
      run(context) {
        const mesh = makeSection(context.parameters[0]!);
        context.allocate(mesh.length).set(mesh);
      },
    }),
  ],
});

export const pipelines = [yardGrid, section];

/** Seeds of the platforms; each is a shape of its own. */
const sectionSeeds = [11, 23, 47];

export const resources = [
  defineResource({
    name: "yard-grid",
    pipeline: "yard-grid",
    kind: "bytes",
    priority: 10,
    world: {
      every: ticksOf(2),
      latency: ticksOf(0.5),
      input(snapshot) {
        const numbers = gridInputOf(snapshot);
        return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
      },
    },
  }),
  ...sectionSeeds.map((seed, number) =>
    defineResource({ name: `section-${number}`, pipeline: "section", kind: "mesh", parameters: [seed] }),
  ),
];
