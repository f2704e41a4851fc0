/** Turns bursts into sparks of the pool; the oldest give way. */
import { defineSystem, exact, Position, Renderable, untinted } from "../../engine/index.ts";
import { Spark, SparkPool, sparkKind } from "../components/spark.ts";
import { Burst } from "../events.ts";
import { look } from "../look.ts";
import { ticksOf } from "../time.ts";

/** By sparkKind. */
const materials = [look.material.hotSpark, look.material.coldSpark, look.material.goldSpark, look.material.smoke];
const sizes = [0.13, 0.12, 0.24, 0.5];
const lives = [ticksOf(0.8), ticksOf(0.5), ticksOf(1.6), ticksOf(1.1)];

export const spraySparks = defineSystem({
  name: "spray-sparks",
  phase: "gameplay",
  after: ["float-scrap"],
  query: [Spark, Position, Renderable],
  queries: { pools: [SparkPool] },
  writes: [Spark, SparkPool, Position, Renderable],
  hears: [Burst],
  run({ entities, members, columns: { Spark, SparkPool, Position, Renderable }, events, random }) {
    const pool = members.pools[0]!;
    const { count, columns: burst } = events.Burst;
    for (let b = 0; b < count; b++) {
      const kind = burst.kind[b]!;
      const power = burst.power[b]!;
      for (let n = 0; n < burst.amount[b]!; n++) {
        const spark = entities[SparkPool.next[pool]!]!;
        SparkPool.next[pool] = (SparkPool.next[pool]! + 1) % entities.length;
        const angle = random.between(0, exact.TAU);
        const speed = power * random.between(0.3, 1);
        Position.x[spark] = burst.x[b]!;
        Position.y[spark] = burst.y[b]!;
        Position.z[spark] = burst.z[b]!;
        Spark.velocityX[spark] = exact.cos(angle) * speed;
        Spark.velocityY[spark] = power * random.between(0.3, 1.1);
        Spark.velocityZ[spark] = exact.sin(angle) * speed;
        const life = Math.round(lives[kind]! * random.between(0.6, 1));
        Spark.kind[spark] = kind;
        Spark.ticks[spark] = life;
        Spark.ticksLeft[spark] = life;
        Spark.size[spark] = sizes[kind]! * random.between(0.7, 1.3);
        Spark.target[spark] = kind === sparkKind.gold ? burst.target[b]! : 0;
        Renderable.material[spark] = materials[kind]!;
        Renderable.tint[spark] = untinted;
      }
    }
  },
});
