/** Priorities from settings: they decide what is read and made first, and nothing of the world. */
import { expect, test } from "vitest";
import { allocateAssetMemory } from "../../../engine/asset/memory.ts";
import { definePipeline, defineStage } from "../../../engine/asset/stage.ts";
import { hashHex } from "../../../engine/base/hash.ts";
import { Engine } from "../../../engine/engine.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { defineResource } from "../../../engine/streaming/definition.ts";
import { makeTide } from "../../games/tide.ts";
import { HandSource } from "../asset/bench.ts";
import { patternBytes } from "../assets-runtime/folder.ts";
import { fileManifest } from "./files.ts";

const tide = makeTide();
const files = new Map(["red", "green", "blue"].map((name, at) => [`${name}.bin`, patternBytes(100, at)]));

/** The order in which files are asked for and stages run, and the hash behind 20 ticks. */
async function play(priorities: Readonly<Record<string, number>>) {
  const made: number[] = [];
  const paint = defineStage({
    name: "paint",
    run(context) {
      made.push(context.parameters[0]!);
      context.allocate(8).fill(1);
    },
  });
  const game = {
    ...tide,
    pipelines: [...(tide.pipelines ?? []), definePipeline({ name: "paint", host: false, stages: [paint] })],
    resources: [
      ...tide.resources!,
      ...[1, 2, 3].map((number) =>
        defineResource({ name: `sky-${number}`, pipeline: "paint", kind: "bytes", parameters: [number] }),
      ),
    ],
  };
  const source = new HandSource();
  const assets = { memory: allocateAssetMemory(), manifest: fileManifest(files), source, presents: true };
  const engine = new Engine(game, { clock: new ManualClock(), assets }, { seed: 3, settings: { priorities } });
  await engine.start();
  for (let tick = 1; tick <= 20; tick++) engine.step();
  const hash = hashHex(engine.world.hash.high, engine.world.hash.low);
  engine.dispose();
  return { asked: source.asked.map(({ name }) => name), made, hash };
}

test("what has a higher priority is read and made first, and the hash stays", async () => {
  const plain = await play({});
  const wished = await play({ "sky-3": 5, "sky-2": 9, blue: 4, red: -1 });
  expect([plain.made, wished.made]).toEqual([
    [1, 2, 3],
    [2, 3, 1],
  ]);
  expect([plain.asked, wished.asked]).toEqual([
    ["blue.bin", "green.bin", "red.bin"],
    ["blue.bin", "green.bin", "red.bin"],
  ]);
  const { asked } = await play({ red: 4, green: 2 });
  expect(asked).toEqual(["red.bin", "green.bin", "blue.bin"]);
  expect(wished.hash).toBe(plain.hash);
});
