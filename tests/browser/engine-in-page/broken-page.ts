/** A page that runs swarm with a system that throws at tick 50. */
import { defineSystem } from "../../../engine/index.ts";
import { Mote, swarm } from "../../games/swarm.ts";
import { launchTestPage } from "./test-page.ts";

const trip = defineSystem({
  name: "trip",
  phase: "gameplay",
  query: [Mote],
  run({ tick }) {
    if (tick === 50) throw new Error("over its own feet");
  },
});

launchTestPage({ ...swarm, systems: [...swarm.systems, trip] }, import.meta.url);
