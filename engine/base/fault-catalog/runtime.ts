/** Commands, files, ports and threads of a process. Faults E06xx. */
import { entry } from "./entry.ts";

export const runtimeFaults = {
  usage: entry<{ problem: string; suggestion: string }>({
    id: "E0601",
    text: (f) => f.problem,
    mend: (f) => (f.suggestion === "" ? "See --help." : f.suggestion),
    explain: "The command line was not understood. Every command has --help with an example.",
  }),
  "file-missing": entry<{ path: string; purpose: string }>({
    id: "E0602",
    text: (f) => `${f.path} (${f.purpose}) does not exist or cannot be read.`,
    mend: () => "Check the path; it is taken from the current folder.",
    explain: "The file was named on the command line or in the game's definition.",
  }),
  "file-write": entry<{ path: string; purpose: string; problem: string }>({
    id: "E0603",
    text: (f) => `${f.path} (${f.purpose}) cannot be written: ${f.problem}.`,
    mend: () => "Check that the folder exists, is writable and has room.",
    explain: "A file that the command was asked to write could not be opened or written to.",
  }),
  "port-in-use": entry<{ port: number; holder: string }>({
    id: "E0604",
    text: (f) => `Port ${f.port} is in use${f.holder === "" ? "" : ` by ${f.holder}`}.`,
    mend: () => "Choose another with --port; without --strict-port the next free one is taken.",
    explain:
      "The web driver listens on the loopback address only. Without --strict-port it tries the ports that follow.",
  }),
  "thread-died": entry<{ role: string; problem: string }>({
    id: "E0605",
    text: (f) => `The ${f.role} thread ended unexpectedly: ${f.problem}.`,
    mend: () => "Run it again; what was recorded until then is whole.",
    explain: "The engine runs in a thread of its own. Its end without a stop is a crash.",
  }),
  "thread-silent": entry<{ role: string; waitedMillis: number; doing: string }>({
    id: "E0606",
    text: (f) => `The ${f.role} thread did not ${f.doing} within ${f.waitedMillis} ms.`,
    mend: () => "It was ended; look for a system that loops without end.",
    explain: "Every wait between threads is bounded.",
  }),
  "not-available": entry<{ command: string; reason: string; instead: string }>({
    id: "E0607",
    text: (f) => `\`${f.command}\` is not available here: ${f.reason}.`,
    mend: (f) => f.instead,
    explain: "Some commands need the source tree, others a desktop.",
  }),
  "bundle-failed": entry<{ problem: string }>({
    id: "E0609",
    text: (f) => f.problem,
    mend: () => "Mend the source at the places named, then build again.",
    explain: "The game or the page is bundled before it is served or packaged; source that does not compile stops it.",
  }),
  "program-unloadable": entry<{ path: string; problem: string; place: string }>({
    id: "E0613",
    text: (f) => `${f.path} starts no game: ${f.problem}${f.place === "" ? "" : ` at ${f.place}`}.`,
    mend: (f) =>
      f.place === ""
        ? "A main file and all that it imports load, and end with launch(defineGame({ ... })) of orrery/launch."
        : "Mend the source at the place named.",
    explain:
      "A command loads the game's main file, which launches the game. One that does not parse, or asks for what is not there, or ends without a launch has no game to run.",
  }),
  "folder-unwatched": entry<{ folder: string; problem: string }>({
    id: "E0614",
    text: (f) => `The system does not tell of changes in ${f.folder}: ${f.problem.replace(/\.$/, "")}.`,
    mend: () =>
      "Its files are looked at twice a second instead. On Linux fs.inotify.max_user_watches and max_user_instances are the limits.",
    explain:
      "Edits of a running game are told by the system where it can; each process has a limited number of folders that it may watch. A look now and then finds what was not told, only later.",
  }),
  "page-not-isolated": entry<Record<never, never>>({
    id: "E0610",
    text: () => "This page has no shared memory, because it is not cross-origin isolated.",
    mend: () =>
      'Serve the page and its script over https or from localhost, with the headers "Cross-Origin-Opener-Policy: same-origin" and "Cross-Origin-Embedder-Policy: require-corp".',
    explain:
      "The engine and its workers exchange everything through shared memory. A browser gives that only to a page that is alone in its process, which the two headers ask for.",
  }),
  uncaught: entry<{ message: string; place: string }>({
    id: "E0615",
    text: (f) =>
      `Nothing caught what was thrown outside of every call: ${f.message}${f.place === "" ? "" : ` at ${f.place}`}.`,
    mend: () => "Catch it where it arises: in the function of the timer or listener, or by a `catch` of the promise.",
    explain:
      "What a timer, a listener or a promise of a main file and its modules throws has no caller to tell it to. The command ends with it. A run ends behind the tick that it is at, with its journal and its black box, whose ticks can all be made again; what was thrown is no part of them.",
  }),
  unexpected: entry<{ message: string; place: string }>({
    id: "E0699",
    text: (f) => `Unexpected: ${f.message}${f.place === "" ? "" : ` at ${f.place}`}.`,
    mend: () => "This is a bug of Orrery or of the game; a journal or black box of the run makes it happen again.",
    explain: "An error that no part of the program expected: a failed assertion or an exception of the language.",
  }),
} as const;
