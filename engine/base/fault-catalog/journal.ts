/** Journals and replays. Faults E04xx. */
import { entry } from "./entry.ts";

export const journalFaults = {
  "journal-unreadable": entry<{ path: string; problem: string; offset: number }>({
    id: "E0401",
    text: (f) => `${f.path} is not a journal that can be read: ${f.problem} (byte ${f.offset}).`,
    mend: () => "Check that the file is the one meant and that it was copied whole.",
    explain: "A journal begins with a header block that names its format, game, schema and build.",
  }),
  "journal-damaged": entry<{ path: string; block: number; offset: number; problem: string }>({
    id: "E0402",
    text: (f) => `${f.path} is damaged in block ${f.block}, at byte ${f.offset}: ${f.problem}.`,
    mend: () => "Restore the file from a copy; nothing after that byte is believed.",
    explain:
      "Every block carries its length, its number and a checksum. A file that was cut short is recovered to the last whole block; a file whose bytes were changed is refused.",
  }),
  "journal-mismatch": entry<{ path: string; field: string; journal: string; program: string; tick?: number }>({
    id: "E0403",
    text: (f) =>
      f.tick === undefined
        ? `${f.path} was recorded with ${f.field} ${f.journal}, this program has ${f.program}.`
        : `${f.path} goes on behind tick ${f.tick} with ${f.field} ${f.journal}, the code that it names there has ${f.program}.`,
    mend: (f) =>
      f.field === "game"
        ? "Name the main file of the game that recorded it, before or behind the command."
        : "Replay it with the program that recorded it, or record it anew.",
    explain: "A replay is only meaningful with the same game, plan, schema, limits, tick rate and physics build.",
  }),
  desync: entry<{ path: string; tick: number; column: string; recorded: string; replayed: string }>({
    id: "E0404",
    text: (f) =>
      `${f.path} and its replay part at tick ${f.tick}, first in ${f.column}: recorded ${f.recorded}, replayed ${f.replayed}.`,
    mend: (f) =>
      `Run the systems that write ${f.column} under suspicion: a clock, an unsorted order, or state outside the arena.`,
    explain:
      "The same records must give the same hash at every tick. The first tick that differs, and the first column in it, are named.",
  }),
  "swap-unreplayable": entry<{ path: string; tick: number; code: string }>({
    id: "E0405",
    text: (f) => `${f.path} goes on with another program behind tick ${f.tick} (${f.code}), which is not at hand.`,
    mend: () => "Keep the code store beside the journal, or replay it up to that tick.",
    explain:
      "When code is swapped while a world runs, the journal names the new program by the hash of its code, and the code is kept in a folder beside the journal.",
  }),
  "code-unusable": entry<{ path: string; problem: string }>({
    id: "E0406",
    text: (f) => `${f.path} cannot be used as code: ${f.problem}.`,
    mend: () =>
      "Give a file that exports one game, or a game's main file or its folder, built of this program's engine.",
    explain: "Other code is loaded as a module. What it exports by default, or the one game among its exports, is run.",
  }),
  "journal-empty": entry<{ path: string }>({
    id: "E0407",
    text: (f) => `${f.path} has no tick on record, so there is nothing to verify.`,
    mend: () => "`replay run` shows how its run ended; record one that makes ticks.",
    explain:
      "A run that ends before its first tick, or is killed within its first block, leaves a journal without a tick. No hash in it could be compared, so it is not called verified.",
  }),
  "code-unloadable": entry<{ path: string; code: string; problem: string }>({
    id: "E0408",
    text: (f) => `The code ${f.code} of ${f.path} could not be loaded: ${f.problem}.`,
    mend: () =>
      "Its text is as it was recorded; what it needs besides, such as files or variables, must be as it was then.",
    explain:
      "A journal of a run whose code could be edited keeps the code that its ticks were made with, in itself or in the folder beside it. The modules of it are run again before a tick can be made again; one that throws, rejects or does not come to its end then did not do so when it was recorded.",
  }),
  "keyframe-damaged": entry<{ path: string; offset: number; problem: string }>({
    id: "E0413",
    text: (f) => `The keyframe in ${f.path} is damaged at byte ${f.offset}: ${f.problem}.`,
    mend: () => "Use another keyframe, or replay the journal from its beginning.",
    explain:
      "A keyframe carries a checksum of its head and of each section. One that does not hold is not believed, because a world restored from it would run and be wrong.",
  }),
  "keyframe-mismatch": entry<{ path: string; field: string; keyframe: string; program: string }>({
    id: "E0414",
    text: (f) =>
      `The keyframe in ${f.path} is of another program: its ${f.field} is ${f.keyframe}, this program's is ${f.program}.`,
    mend: () => "Use the program that wrote it.",
    explain:
      "A keyframe is a copy of memory. It means something only to the same game, schema, plan, limits, engine and physics build, on a machine with the same order of bytes.",
  }),
  "tick-forgotten": entry<{ tick: number; oldest: number; now: number }>({
    id: "E0415",
    text: (f) =>
      f.oldest < 0
        ? `Tick ${f.tick} cannot be gone back to: nothing is kept.`
        : f.tick > f.now
          ? `Tick ${f.tick} cannot be gone back to: the world is at ${f.now}.`
          : `Tick ${f.tick} cannot be gone back to: the oldest that is kept is ${f.oldest}, the world is at ${f.now}.`,
    mend: (f) =>
      f.oldest < 0
        ? "Make the engine with the option `past`; it keeps its first save with the first frame."
        : "Give the option `past` more slots, or more ticks between them.",
    explain:
      "An engine with a past keeps a fixed number of saves and the records between them. What lies before the oldest save is in the journal only.",
  }),
  "save-mismatch": entry<{ field: string; saved: string; program: string }>({
    id: "E0416",
    text: (f) => `The save is of another engine: its ${f.field} is ${f.saved}, this engine's is ${f.program}.`,
    mend: () =>
      "Restore saves of engines of the same game with the same seed, limits and settings. Nothing was changed.",
    explain:
      "A save is a copy of memory. It means something only to an engine of the same game, schema, plan, limits and seed; a code swap is what moves a state to another program.",
  }),
} as const;
