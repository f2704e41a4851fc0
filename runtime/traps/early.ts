/**
 * Sets the traps of this thread when it is loaded. It is the first import of whatever loads a game: modules of a game keep
 * functions that they take when they are loaded, and must take the ones that ask who runs.
 */
import { setTraps } from "./banned-calls.ts";
import { mayWantTraps } from "./wanted.ts";

if (mayWantTraps()) setTraps();
