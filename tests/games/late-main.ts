/** The main file of Tumble that throws late; of the one that loops where ORRERY_TEST_GAME says "endless". */
import { launch } from "../../runtime/launch.ts";
import { late, stuck } from "./late.ts";

launch(process.env["ORRERY_TEST_GAME"] === "endless" ? stuck : late);
