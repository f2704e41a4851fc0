/** The composition root of Scrapyard: the one file that sees both runtime and game. */
import { launch } from "../runtime/launch.ts";
import { scrapyard } from "./game.ts";

launch(scrapyard);
