/** The main file of Tide, whole or with a mishap: ORRERY_TEST_GAME names one of tide.ts. */
import { launch } from "../../runtime/launch.ts";
import { namedTide } from "./tide.ts";

launch(namedTide());
