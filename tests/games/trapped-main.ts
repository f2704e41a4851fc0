/** The main file of Trapped: ORRERY_TEST_GAME names the call that is made. */
import { launch } from "../../runtime/launch.ts";
import { namedTrapped } from "./trapped.ts";

launch(namedTrapped());
