/**
 * The first module of a thread in a checkout: sets traps where the thread's data says so, and only then loads the entry
 * file, whose modules may keep what they find.
 */
import "../traps/early.ts";
import "./console.ts";
import { entryUrl } from "./project.ts";

await import(entryUrl().href);
