/** The main file of Swarm, whole or broken: ORRERY_TEST_GAME names one of swarm-variants.ts. */
import { launch } from "../../runtime/launch.ts";
import { namedVariant } from "./swarm-variants.ts";

launch(namedVariant());
