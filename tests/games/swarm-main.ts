/** The main file of swarm: the reference game of jobs as a program of its own. */
import { launch } from "../../runtime/launch.ts";
import { swarm } from "./swarm.ts";

launch(swarm);
