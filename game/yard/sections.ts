/** Sections of other yards in the distance: what is seen of them is streamed (resources.ts), nothing touches them. */
import { type Commands, Rotation } from "../../engine/index.ts";
import { FarSection } from "../components/yard.ts";
import { aboutY } from "../orientation.ts";
import { part } from "../parts.ts";
import { farSectionPlace } from "../sections/sailing.ts";
import { ticksOf } from "../time.ts";

/** Mesh, direction in which it comes and goes, height, how near it comes, yaw, seconds there and back, where it begins. */
const sections = [
  ["section0", -0.83, -0.55, -15, 78, 0.5, 210, 0.06],
  ["section1", 0.8, -0.6, 11, 92, -0.7, 170, 0.82],
  ["section2", 0.28, 0.96, -19, 84, 0.2, 240, 0.93],
] as const;

export function buildFarSections(commands: Commands): void {
  for (const [mesh, directionX, directionZ, y, nearMetres, yaw, seconds, phase] of sections) {
    const sailing = { directionX, directionZ, y, nearMetres, periodTicks: ticksOf(seconds), phase };
    const { x, z } = farSectionPlace(sailing, 0);
    commands.spawn(...part(mesh, "matt", [x, y, z]), Rotation.of(aboutY(yaw)), FarSection.of(sailing));
  }
}
