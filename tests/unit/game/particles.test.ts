/** Particle systems of the view: one for each kind of burst, births from a burst alone, and events that stay few. */
import { expect, test } from "vitest";
import { defaultLimits } from "../../../engine/base/limits.ts";
import { RandomStream, randomStateWords, seedStream } from "../../../engine/base/random.ts";
import type { Particle } from "../../../engine/index.ts";
import { Burst, burstKind } from "../../../game/events.ts";
import { scrapyard } from "../../../game/game.ts";
import { particleSystems } from "../../../game/particles.ts";
import { Game } from "./harness.ts";

function burstOf(kind: number): Readonly<Record<string, Float32Array>> {
  const row: Record<string, number> = { x: 3, y: 1, z: -2, amount: 4, kind, power: 5, driftX: 1, driftY: 2, driftZ: 3 };
  return Object.fromEntries(Object.keys(Burst.fields).map((name) => [name, Float32Array.of(row[name] ?? 0)]));
}

test("each kind of burst has one system, which answers to no other kind", () => {
  expect(particleSystems.map(({ name }) => name)).toEqual(Object.keys(burstKind));
  for (const system of particleSystems)
    for (const [name, kind] of Object.entries(burstKind))
      expect(system.amount(burstOf(kind), 0) > 0, `${system.name} of ${name}`).toBe(system.name === name);
});

test("particles begin near their burst, alive, with a size and finite velocities", () => {
  const state = new Uint32Array(randomStateWords);
  seedStream(state, 0, 7, "particles");
  const random = new RandomStream(state, 0);
  for (const system of particleSystems)
    for (let n = 0; n < 200; n++) {
      const particle: Particle = {
        ...{ x: 0, y: 0, z: 0, velocityX: 0, velocityY: 0, velocityZ: 0, life: 0, size: 0 },
        target: 0,
      };
      system.birth(burstOf(burstKind[system.name as keyof typeof burstKind]), 0, random, particle);
      expect(Math.hypot(particle.x - 3, particle.y - 1, particle.z + 2)).toBeLessThan(3.5);
      expect(particle.life).toBeGreaterThan(0.1);
      expect(particle.size).toBeGreaterThan(0.02);
      expect(Math.hypot(particle.velocityX, particle.velocityY, particle.velocityZ)).toBeLessThan(20);
    }
});

test("with every seat taken the bursts of a tick stay far below their limit, and every kind occurs", async () => {
  const game = await Game.start();
  game.set("bots", 15);
  let most = 0;
  const kinds = new Set<number>();
  for (let i = 0; i < 1_500; i++) {
    game.step();
    const { count, columns } = game.world.events.tableOf(Burst);
    most = Math.max(most, count);
    for (let row = 0; row < count; row++) kinds.add(columns["kind"]![row]!);
  }
  expect(most).toBeLessThan((scrapyard.limits?.eventsPerTick ?? defaultLimits.eventsPerTick) / 8);
  expect([...kinds].sort()).toEqual(Object.values(burstKind));
});
