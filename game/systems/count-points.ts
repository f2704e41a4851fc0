/** A tug's score is the sum of what its deliveries earned. */
import { accumulateEvents } from "../../engine/index.ts";
import { Tug } from "../components/tug.ts";
import { Delivered } from "../events.ts";

export const countPoints = accumulateEvents({
  name: "count-points",
  after: ["deliver-crates"],
  event: Delivered,
  entity: "tug",
  into: Tug,
  fields: { score: { sum: "points" } },
  reset: "never",
});
