/** The main file of Tumble that throws late. */
import { launch } from "../../runtime/launch.ts";
import { late } from "./late.ts";

launch(late);
