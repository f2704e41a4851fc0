/** A page that runs Tumble until it throws, after more than a minute. */
import { late } from "../../games/late.ts";
import { launchTestPage } from "./test-page.ts";

launchTestPage(late, import.meta.url);
