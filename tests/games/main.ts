/** The main file of the tests' own game, whole or broken: ORRERY_TEST_GAME names one of variants.ts. */
import { launch } from "../../runtime/launch.ts";
import { type VariantName, variants } from "./variants.ts";

launch(variants[(process.env["ORRERY_TEST_GAME"] ?? "tumble") as VariantName]());
