/** A page that runs Scrapyard. */
import { scrapyard } from "../../../game/game.ts";
import { launchTestPage } from "./test-page.ts";

launchTestPage(scrapyard, import.meta.url);
