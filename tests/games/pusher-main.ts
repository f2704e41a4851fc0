/** The main file of the game in which a block rams stacks of crates. */
import { launch } from "../../runtime/launch.ts";
import { pusher } from "./pusher.ts";

launch(pusher);
