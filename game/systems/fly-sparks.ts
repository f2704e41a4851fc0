/** Moves sparks: they fall, bounce on the deck, shrink and go out; points fly to their tug. */
import { defineSystem, exact, Position, Renderable, Rotation, Scale } from "../../engine/index.ts";
import { Spark, sparkKind } from "../components/spark.ts";
import { gravity } from "../physics.ts";
import { hidden } from "../visibility.ts";
import { deckHalfX, deckHalfZ } from "../yard/deck.ts";

const bounce = 0.45;
/** How fast a spark with a target turns towards it, a second, and its speed, m/s. */
const chaseRate = 7;
const chaseSpeed = 24;
/** A spark this near its target is taken in. */
const takenMetres = 1;
const smokeRise = 1.5;

export const flySparks = defineSystem({
  name: "fly-sparks",
  phase: "gameplay",
  after: ["spray-sparks"],
  query: [Spark, Position, Rotation, Scale, Renderable],
  writes: [Spark, Position, Rotation, Scale, Renderable],
  run({ entities, columns: { Spark, Position, Rotation, Scale, Renderable }, tick, deltaSeconds, world }) {
    for (let i = 0; i < entities.length; i++) {
      const e = entities[i]!;
      const ticksLeft = Spark.ticksLeft[e]!;
      if (ticksLeft === 0) {
        Renderable.tint[e] = hidden;
        continue;
      }
      Spark.ticksLeft[e] = ticksLeft - 1;
      const age = 1 - ticksLeft / Spark.ticks[e]!;
      const target = world.indexOf(Spark.target[e]!);
      if (target !== 0 && age > 0.18) {
        const x = Position.x[target]! - Position.x[e]!;
        const y = Position.y[target]! + 0.3 - Position.y[e]!;
        const z = Position.z[target]! - Position.z[e]!;
        const distance = Math.max(0.1, Math.sqrt(x * x + y * y + z * z));
        if (distance < takenMetres) Spark.ticksLeft[e] = 0;
        const share = chaseRate * deltaSeconds;
        Spark.velocityX[e] = exact.lerp(Spark.velocityX[e]!, (x / distance) * chaseSpeed, share);
        Spark.velocityY[e] = exact.lerp(Spark.velocityY[e]!, (y / distance) * chaseSpeed, share);
        Spark.velocityZ[e] = exact.lerp(Spark.velocityZ[e]!, (z / distance) * chaseSpeed, share);
      } else if (Spark.kind[e] === sparkKind.smoke) {
        Spark.velocityX[e] = Spark.velocityX[e]! * 0.95;
        Spark.velocityY[e] = exact.lerp(Spark.velocityY[e]!, smokeRise, 0.06);
        Spark.velocityZ[e] = Spark.velocityZ[e]! * 0.95;
      } else Spark.velocityY[e] = Spark.velocityY[e]! - gravity * deltaSeconds;

      const x = Position.x[e]! + Spark.velocityX[e]! * deltaSeconds;
      let y = Position.y[e]! + Spark.velocityY[e]! * deltaSeconds;
      const z = Position.z[e]! + Spark.velocityZ[e]! * deltaSeconds;
      const isOverDeck = Math.abs(x) < deckHalfX && Math.abs(z) < deckHalfZ;
      if (y < 0.06 && y > -0.6 && isOverDeck && Spark.velocityY[e]! < 0) {
        y = 0.06;
        Spark.velocityY[e] = -Spark.velocityY[e]! * bounce;
      }
      Position.x[e] = x;
      Position.y[e] = y;
      Position.z[e] = z;
      const size =
        Spark.kind[e] === sparkKind.smoke ? Spark.size[e]! * (0.5 + age * 1.4) * (1 - age) : Spark.size[e]! * (1 - age);
      Scale.x[e] = Scale.y[e] = Scale.z[e] = size;
      const spin = (tick * 0.2 + e) / 2;
      Rotation.y[e] = exact.sin(spin);
      Rotation.w[e] = exact.cos(spin);
    }
  },
});
