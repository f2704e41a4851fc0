/** Swarm as a program of Node: what its page is compared with. */
import { launch } from "../../../runtime/launch.ts";
import { swarm } from "../../games/swarm.ts";

launch(swarm);
