/** Tumble with one constant changed from a tick on, as a module that exports its game: other code for a journal. */
import { variants } from "./variants.ts";

export default variants.diverges();
