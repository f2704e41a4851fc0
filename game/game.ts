/**
 * Scrapyard: hover-tugs on a floating yard drag crates with a tractor beam into a furnace, before
 * the rival tugs do. The whole game as data; the rules are in systems/, one a file.
 */
import { defineGame } from "../engine/index.ts";
import { budget } from "./budget.ts";
import { Crate, FuseLamp } from "./components/crate.ts";
import { Round } from "./components/round.ts";
import { Beam, BeamRay, BeamRing, Flame, Hull, Intent, Motion, Pilot, ThrusterGlow, Tug } from "./components/tug.ts";
import { Errand, Way } from "./components/way.ts";
import {
  Conveyor,
  DriftSection,
  FarSection,
  Floater,
  Furnace,
  FurnaceFlame,
  FurnaceMouth,
  Glow,
  Ground,
  Lamp,
  Obstacle,
  Roller,
  ScoreBar,
  SweepArm,
  Velocity,
} from "./components/yard.ts";
import { Config } from "./config.ts";
import { Controls } from "./controls.ts";
import { Burst, Delivered, Touched } from "./events.ts";
import { pilotWays } from "./jobs/pilot-ways.ts";
import { gravity } from "./physics.ts";
import { pipelines, resources } from "./resources.ts";
import { setup } from "./setup.ts";
import { systems } from "./systems.ts";
import { tickRate } from "./time.ts";
import { view } from "./view.ts";

export const scrapyard = defineGame({
  id: "scrapyard",
  tickRate,
  limits: { entities: 4_096, commandsPerTick: 4_096, eventsPerTick: 1_024, players: 16 },
  components: [
    Beam,
    BeamRay,
    BeamRing,
    Conveyor,
    Crate,
    DriftSection,
    Errand,
    FarSection,
    Flame,
    Floater,
    Furnace,
    FurnaceFlame,
    FurnaceMouth,
    FuseLamp,
    Glow,
    Ground,
    Hull,
    Intent,
    Lamp,
    Motion,
    Obstacle,
    Pilot,
    Roller,
    Round,
    ScoreBar,
    SweepArm,
    ThrusterGlow,
    Tug,
    Velocity,
    Way,
  ],
  events: [Burst, Delivered, Touched],
  systems,
  jobs: [pilotWays],
  controls: Controls,
  config: Config,
  pipelines,
  resources,
  assets: "assets/manifest.json",
  budget,
  physics: { gravity: [0, -gravity, 0] },
  view,
  setup,
});
