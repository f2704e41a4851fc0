/**
 * The mind of rivals: choose a crate by value and distance, drive to it, take it, carry it to the
 * furnace, throw; keep away from edges, back off when stuck. Pilots use the same intent as players.
 *
 * Ways around what is fixed come from the job pilot-ways, a few ticks after they are asked for; until then, and
 * always around other tugs, a pilot steers by what is near.
 */
import { defineSystem, exact, LinearVelocity, Position, Rotation } from "../../engine/index.ts";
import { Crate } from "../components/crate.ts";
import { Round, roundState } from "../components/round.ts";
import { Beam, Intent, Pilot, Tug } from "../components/tug.ts";
import { Errand, Way } from "../components/way.ts";
import { DriftSection, Ground, Obstacle } from "../components/yard.ts";
import { Config } from "../config.ts";
import { isAtYard } from "../drift.ts";
import { groundBelow } from "../ground.ts";
import { forwardX, forwardZ } from "../orientation.ts";
import { chooseCrate } from "../pilot/choice.ts";
import { isAnswered, isRefused, nextStop, noteErrand } from "../pilot/errand.ts";
import { carryGoal, isOnRun, lanes } from "../pilot/route.ts";
import { steer } from "../pilot/steering.ts";
import { ticksOf } from "../time.ts";
import { deckHalfZ } from "../yard/deck.ts";

/** How long a pilot keeps to its choice, by difficulty. */
const planTicks = [ticksOf(1.6), ticksOf(0.8), ticksOf(0.4)];
const thrustMax = [0.72, 0.88, 1];
const stuckTicksMax = ticksOf(0.9);
/** A crate nearer than this is headed for whatever the way says. */
const nearMetres = 5;
const grabMetres = 7;
/** Slower than this on the way to the furnace a pilot is blocked, and throws from farther away. */
const throwSpeedMin = 2.5;
const blockedThrowZ = -deckHalfZ + 9;
/** North of this line, and this near its middle, a tug is in front of the mouth. */
const furnaceZ = -9;
const furnaceHalfX = 6;
/** More tugs than this share the way to the furnace in lanes. */
const crowd = 6;
/** A crate on the drifting section is left alone when the section leaves sooner than this. */
const sectionTicks = ticksOf(6);
/** North of this line, in line with the mouth, a crate is let go; by difficulty. */
const throwZ = [-deckHalfZ + 3.4, -deckHalfZ + 5, -deckHalfZ + 5];

export const pilotTugs = defineSystem({
  name: "pilot-tugs",
  phase: "input",
  after: ["read-controls"],
  query: [Tug, Pilot],
  queries: {
    rounds: [Round],
    config: [Config],
    crates: [Crate, Position],
    grounds: [Ground],
    obstacles: [Obstacle],
    others: [Obstacle, Tug],
    sections: [DriftSection],
  },
  reads: [Tug, Beam, Round, Config, Crate, Position, Rotation, LinearVelocity, Ground, Obstacle, Way],
  writes: [Intent, Pilot, Errand],
  run({ entities, members, columns, tick, world, random }) {
    const { Tug, Beam, Round, Config, Crate, Position, Rotation, LinearVelocity, Ground, Obstacle } = columns;
    const { Intent, Pilot, Errand } = columns;
    const { crates, grounds, obstacles } = members;
    const state = Round.state[members.rounds[0]!]!;
    if (state !== roundState.title && state !== roundState.playing) return;
    const difficulty = Config.difficulty[members.config[0]!]!;
    // The drifting section is worth the way only if it will still be there when one gets to it.
    const isLying = isAtYard(tick, sectionTicks);
    for (let i = 0; i < entities.length; i++) {
      const e = entities[i]!;
      if (Tug.returnTick[e] !== 0 || (state === roundState.playing && Tug.player[e] !== 0)) continue;
      const x = Position.x[e]!;
      const y = Position.y[e]!;
      const z = Position.z[e]!;
      const ahead = { x: forwardX(Rotation.y[e]!, Rotation.w[e]!), z: forwardZ(Rotation.y[e]!) };
      const held = world.indexOf(Beam.crate[e]!);

      // Choose.
      let target = held !== 0 ? held : world.indexOf(Pilot.target[e]!);
      const isHopeless = isRefused(columns, e, tick);
      if (held === 0 && isHopeless && target !== 0) Pilot.refused[e] = world.handleOf(target);
      if (held === 0 && (tick >= Pilot.planTick[e]! || target === 0 || Crate.holder[target] !== 0 || isHopeless)) {
        target = chooseCrate(e, crates, entities, columns, (crate) => {
          const below = groundBelow(grounds, Ground, Position, crate.x, crate.y, crate.z, -1.1);
          return below !== 0 && (below !== members.sections[0] || isLying);
        });
        Pilot.planTick[e] = tick + planTicks[difficulty]! + random.below(12);
      }
      Pilot.target[e] = target === 0 ? 0 : world.handleOf(target);

      // Where to.
      const lane = entities.length > crowd ? lanes[Tug.seat[e]! % lanes.length]! : 0;
      const goal =
        held !== 0
          ? carryGoal(x, z, lane)
          : target !== 0
            ? { x: Position.x[target]!, z: Position.z[target]! }
            : { x: exact.sin(e) * 8, z: 3 };
      noteErrand(Errand, e, Pilot.target[e]!, held !== 0, goal);
      const reach = exact.hypot(goal.x - x, goal.z - z);
      const isNear = held === 0 && target !== 0 && reach < nearMetres;
      const isStraight = isNear || (held !== 0 && isOnRun(x, z, lane));
      const stop = isStraight ? goal : nextStop(columns, e, tick, goal);
      const around = isAnswered(columns, e, tick) ? members.others : obstacles;
      const course = steer(x, z, ahead, stop, around, Obstacle, Position);
      let thrust = Math.abs(course.error) > 1.3 ? 0.12 : exact.clamp(1.15 - Math.abs(course.error), 0.15, 1);
      if (isNear) thrust = Math.abs(course.error) > 0.7 ? -0.45 : Math.min(thrust, 0.4);
      let turn = exact.clamp(-course.error * 2.2, -1, 1);
      // From the mouth it backs out: there is no room to turn among those who queue.
      const isAtFurnace = held === 0 && z < furnaceZ && Math.abs(x) < furnaceHalfX;
      if (isAtFurnace && ahead.z < -0.2 && Math.abs(course.error) > 1.2) thrust = -0.9;
      let boost = difficulty > 0 && course.distance > 13 && Math.abs(course.error) < 0.2 && Tug.energy[e]! > 0.45;

      // Edges: where it will be in a moment there must be ground.
      const soonX = x + LinearVelocity.x[e]! * 0.75 + ahead.x * 1.2;
      const soonZ = z + LinearVelocity.z[e]! * 0.75 + ahead.z * 1.2;
      const isAtMouth = held !== 0 && Math.abs(x) < 3 && z < -10;
      if (!isAtMouth && groundBelow(grounds, Ground, Position, soonX, y + 1, soonZ, 0) === 0) {
        const inward = steer(x, z, ahead, { x: x * 0.4, z: z * 0.4 }, obstacles, Obstacle, Position);
        turn = exact.clamp(-inward.error * 2.2, -1, 1);
        thrust = Math.abs(inward.error) > 1.2 ? -0.8 : 0.6;
        boost = false;
      }

      // Stuck: back off with a turn.
      const speed = exact.hypot(LinearVelocity.x[e]!, LinearVelocity.z[e]!);
      Pilot.stuckTicks[e] = speed < 0.9 && Math.abs(thrust) > 0.1 ? Pilot.stuckTicks[e]! + 1 : 0;
      if (Pilot.stuckTicks[e]! > stuckTicksMax) {
        Pilot.stuckTicks[e] = 0;
        Pilot.backUntilTick[e] = tick + ticksOf(0.6) + random.below(ticksOf(0.4));
        Pilot.backTurn[e] = random.chance(0.5) ? 0.8 : -0.8;
      }
      if (tick < Pilot.backUntilTick[e]!) {
        thrust = -0.8;
        turn = Pilot.backTurn[e]!;
        boost = false;
      }

      // The beam: take what is in reach, let go where it will fly into the furnace.
      let beam = held !== 0;
      if (held === 0 && target !== 0) {
        beam = reach < grabMetres && Math.abs(course.error) < 0.8;
      }
      const isBlocked = speed < throwSpeedMin && z < blockedThrowZ;
      if (held !== 0 && (z < throwZ[difficulty]! || isBlocked)) {
        // Where the line ahead meets the mouth.
        const away = (-deckHalfZ - z) / Math.min(-0.2, ahead.z);
        const isAimed = Math.abs(x + ahead.x * away) < 2.2 && ahead.z < -0.75;
        const isCarried = Math.abs(Position.x[held]! - x - ahead.x * 3) < 1.2;
        if (isAimed && isCarried) beam = false;
      }

      Intent.thrust[e] = thrust > 0 ? thrust * thrustMax[difficulty]! : thrust;
      Intent.turn[e] = turn;
      Intent.beam[e] = beam ? 1 : 0;
      Intent.boost[e] = boost ? 1 : 0;
    }
  },
});
