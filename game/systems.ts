/**
 * The systems of the game in the order in which they run, by phase. The order itself is said by each
 * system's `after`; this list only names them.
 */
import type { AnySystem } from "../engine/index.ts";
import { blinkLamps } from "./systems/blink-lamps.ts";
import { bringCrates } from "./systems/bring-crates.ts";
import { burnFuses } from "./systems/burn-fuses.ts";
import { catchFallen } from "./systems/catch-fallen.ts";
import { clearYard } from "./systems/clear-yard.ts";
import { countPoints } from "./systems/count-points.ts";
import { deliverCrates } from "./systems/deliver-crates.ts";
import { driftDebris } from "./systems/drift-debris.ts";
import { driftSection } from "./systems/drift-section.ts";
import { driveTugs } from "./systems/drive-tugs.ts";
import { flareFurnace } from "./systems/flare-furnace.ts";
import { floatScrap } from "./systems/float-scrap.ts";
import { leanHulls } from "./systems/lean-hulls.ts";
import { pilotTugs } from "./systems/pilot-tugs.ts";
import { pullCrates } from "./systems/pull-crates.ts";
import { raiseScoreBars } from "./systems/raise-score-bars.ts";
import { rankTugs } from "./systems/rank-tugs.ts";
import { readControls } from "./systems/read-controls.ts";
import { rememberTouches } from "./systems/remember-touches.ts";
import { runConveyors } from "./systems/run-conveyors.ts";
import { runRound } from "./systems/run-round.ts";
import { sailSections } from "./systems/sail-sections.ts";
import { seatTugs } from "./systems/seat-tugs.ts";
import { showBeams } from "./systems/show-beams.ts";
import { showFlames } from "./systems/show-flames.ts";
import { spendEnergy } from "./systems/spend-energy.ts";
import { stirDust } from "./systems/stir-dust.ts";
import { sweepArm } from "./systems/sweep-arm.ts";
import { touchCrates } from "./systems/touch-crates.ts";
import { turnRollers } from "./systems/turn-rollers.ts";
import { workBeams } from "./systems/work-beams.ts";

export const systems: readonly AnySystem[] = [
  // input
  readControls,
  pilotTugs,
  // physics: what bodies are told before they are moved
  runConveyors,
  sweepArm,
  driftSection,
  driveTugs,
  pullCrates,
  // gameplay: the rules
  runRound,
  clearYard,
  seatTugs,
  bringCrates,
  touchCrates,
  workBeams,
  rememberTouches,
  spendEnergy,
  burnFuses,
  deliverCrates,
  countPoints,
  catchFallen,
  rankTugs,
  // gameplay: what shows them
  leanHulls,
  showBeams,
  showFlames,
  turnRollers,
  blinkLamps,
  flareFurnace,
  raiseScoreBars,
  floatScrap,
  driftDebris,
  sailSections,
  stirDust,
];
