/** A page that runs Tumble until it loops without end. */
import { stuck } from "../../games/late.ts";
import { launchTestPage } from "./test-page.ts";

launchTestPage(stuck, import.meta.url);
