/** A page that runs swarm, the reference game of jobs. */
import { swarm } from "../../games/swarm.ts";
import { launchTestPage } from "./test-page.ts";

launchTestPage(swarm, import.meta.url);
