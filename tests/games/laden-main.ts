/** The main file of Laden. */
import { launch } from "../../runtime/launch.ts";
import { laden } from "./laden.ts";

launch(laden);
