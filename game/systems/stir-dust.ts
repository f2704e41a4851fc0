/**
 * What crates stir up: dust where one hits the ground hard, sparks where one is dragged over it. Only
 * the view hears of it; nothing is kept from tick to tick.
 */
import { defineSystem, exact, LinearVelocity, Position } from "../../engine/index.ts";
import { Crate } from "../components/crate.ts";
import { Ground } from "../components/yard.ts";
import { crateKinds } from "../crates.ts";
import { Burst, burstKind } from "../events.ts";
import { groundBelow, groundHeight } from "../ground.ts";

/** Slower falls raise no dust, metres a second. */
const fallSpeedMin = 3;
/** A held crate this near the ground scrapes over it, metres, if it is this fast. */
const scrapeMetres = 0.16;
const scrapeSpeedMin = 2;

export const stirDust = defineSystem({
  name: "stir-dust",
  phase: "gameplay",
  after: ["sail-sections"],
  query: [Crate, Position, LinearVelocity],
  queries: { grounds: [Ground] },
  reads: [Crate, Ground, Position, LinearVelocity],
  emits: [Burst],
  run({ entities, members, columns, events, tick, deltaSeconds }) {
    const { Crate, Ground, Position, LinearVelocity } = columns;
    for (let i = 0; i < entities.length; i++) {
      const crate = entities[i]!;
      const fallSpeed = -LinearVelocity.y[crate]!;
      const isScraping = Crate.holder[crate] !== 0 && (tick + crate) % 3 === 0;
      if (fallSpeed < fallSpeedMin && !isScraping) continue;
      const x = Position.x[crate]!;
      const z = Position.z[crate]!;
      const bottom = Position.y[crate]! - crateKinds[Crate.kind[crate]!]!.halfHeight;
      const ground = groundBelow(members.grounds, Ground, Position, x, Position.y[crate]!, z, 0);
      if (ground === 0) continue;
      const y = groundHeight(ground, Ground, Position, x, z);
      const gap = bottom - y;
      // It will be there within the tick, and not for the first time in the next one.
      if (fallSpeed >= fallSpeedMin && gap > 0 && gap <= fallSpeed * deltaSeconds)
        events.Burst.emit({
          ...{ x, y: y + 0.1, z },
          amount: Math.min(10, Math.round(fallSpeed)),
          kind: burstKind.dust,
          power: fallSpeed * 0.45,
        });
      if (!isScraping || gap > scrapeMetres) continue;
      const velocityX = LinearVelocity.x[crate]!;
      const velocityZ = LinearVelocity.z[crate]!;
      if (exact.hypot(velocityX, velocityZ) < scrapeSpeedMin) continue;
      events.Burst.emit({
        ...{ x, y: y + 0.05, z },
        amount: 1,
        kind: burstKind.hot,
        power: 1.6,
        driftX: velocityX * 0.5,
        driftZ: velocityZ * 0.5,
      });
    }
  },
});
