/** Crates remember the tug that touched them last, and when: it gets their points, and nobody's are scrapped. */
import { holdEvents } from "../../engine/index.ts";
import { Crate } from "../components/crate.ts";
import { Touched } from "../events.ts";

export const rememberTouches = holdEvents({
  name: "remember-touches",
  after: ["work-beams"],
  event: Touched,
  entity: "crate",
  into: Crate,
  fields: { lastTug: "tug" },
  tick: "touchTick",
  reset: "never",
});
