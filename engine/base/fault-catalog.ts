/**
 * The catalogue of faults: every operating error that the engine and its runtime can report, each
 * with a stable id, its fields, the sentence that states it and the sentence that says how to mend it.
 *
 * The union `Fault` (faults.ts) is derived from this table, so it is closed: a fault that is not here
 * cannot be raised. Ids are never reused or renumbered: `explain E0302` must mean the same next year.
 *   E01 definitions   E02 lifecycle   E03 world   E04 journal   E05 input   E06 runtime   E07 jobs
 *   E08 assets   E09 traces, services, surfaces, budget, navigation
 */

interface FaultEntry<Fields> {
  readonly id: `E${number}`;
  /** What happened, in one sentence, with the values. */
  readonly text: (fields: Fields) => string;
  /** What to do about it, in one sentence. */
  readonly mend: (fields: Fields) => string;
  /** The longer story for `explain`: why it is an error at all. */
  readonly explain: string;
}
function entry<Fields>(definition: FaultEntry<Fields>): FaultEntry<Fields> {
  return definition;
}

export const faultCatalog = {
  "duplicate-name": entry<{ what: string; name: string }>({
    id: "E0101",
    text: (f) => `Two ${f.what}s are named "${f.name}".`,
    mend: (f) => `Rename one of the ${f.what}s; names are identities in plans, journals and saves.`,
    explain:
      "Components, systems, events, controls and subsystems are found by name: in the plan, in the layout of the arena, in a journal's schema. Two definitions with one name would make those ambiguous.",
  }),
  "unknown-name": entry<{ what: string; name: string; where: string; known: string }>({
    id: "E0102",
    text: (f) => `${f.where} names the ${f.what} "${f.name}", which does not exist.`,
    mend: (f) => `Add it to the game, or use one of: ${f.known}.`,
    explain:
      "A system may only name components, events and systems that the game (or a subsystem of it) defines. The name is compared exactly.",
  }),
  "order-cycle": entry<{ phase: string; systems: string }>({
    id: "E0103",
    text: (f) => `The systems of phase "${f.phase}" wait for one another in a circle: ${f.systems}.`,
    mend: () => "Remove one of the `before` or `after` entries along the circle.",
    explain: "`before` and `after` must leave at least one order that satisfies all of them.",
  }),
  "order-ambiguous": entry<{ phase: string; first: string; second: string; column: string; writers: string }>({
    id: "E0104",
    text: (f) =>
      `Systems "${f.first}" and "${f.second}" of phase "${f.phase}" both touch ${f.column}, written by ${f.writers}, and nothing says which runs first.`,
    mend: (f) => `Add \`after: ["${f.first}"]\` to "${f.second}", or \`before: ["${f.first}"]\` if it must run first.`,
    explain:
      "Two systems that touch the same data, one of them writing, give different results in different orders. Orrery never picks an order silently: registration order must not matter, so the order is declared.",
  }),
  "phase-write": entry<{ system: string; phase: string; component: string; allowed: string }>({
    id: "E0105",
    text: (f) =>
      `System "${f.system}" declares a write to ${f.component} in phase "${f.phase}", which may not write it.`,
    mend: (f) => `Move the write to phase ${f.allowed}, or write another component there and copy it.`,
    explain:
      "Each component says in which phases it may be written. WorldTransform belongs to `transforms`, Parent to staged commands, Controls to the door. A phase that runs later relies on the earlier ones being finished.",
  }),
  "bad-definition": entry<{ what: string; name: string; problem: string; remedy: string }>({
    id: "E0106",
    text: (f) => `The ${f.what} "${f.name}" is not valid: ${f.problem}.`,
    mend: (f) => f.remedy,
    explain: "Definitions are checked when the plan is built, before anything runs.",
  }),
  "undeclared-event": entry<{ system: string; event: string }>({
    id: "E0107",
    text: (f) => `System "${f.system}" used the event ${f.event} without declaring it.`,
    mend: (f) => `Add ${f.event} to the \`emits\` or \`hears\` of "${f.system}".`,
    explain:
      "The plan orders writers and readers of an event by their declarations, so an undeclared use would be out of order.",
  }),
  "job-cycle": entry<{ jobs: string }>({
    id: "E0108",
    text: (f) => `The jobs wait for one another in a circle: ${f.jobs}.`,
    mend: () => "Take one of the outputs along the circle out of the inputs of the job that reads it.",
    explain:
      "A job runs when the jobs whose outputs it reads are done. In a circle none could ever begin; what is needed from the last frame is there as `before`.",
  }),
  "job-output-conflict": entry<{ output: string; first: string; second: string }>({
    id: "E0109",
    text: (f) => `Jobs "${f.first}" and "${f.second}" both write the output ${f.output}.`,
    mend: () => "Give each job an output of its own and let the reader name both.",
    explain: "An output has one writer, so that what is in it never depends on which job ended last.",
  }),
  "not-shared": entry<{ job: string; component: string; shared: string }>({
    id: "E0110",
    text: (f) => `Job "${f.job}" reads ${f.component}, which is in no snapshot.`,
    mend: (f) => `Define ${f.component} with \`shared: true\`, or read one of: ${f.shared}.`,
    explain: "A job sees a snapshot and nothing else of a world; only shared components are copied into it.",
  }),

  lifecycle: entry<{ operation: string; status: string; allowed: string }>({
    id: "E0201",
    text: (f) => `\`${f.operation}\` was called on an engine that is ${f.status}.`,
    mend: (f) => `Call it only when the engine is ${f.allowed}.`,
    explain:
      "An engine goes created -> starting -> running -> stopping -> stopped, or to faulted. Start and stop may be called twice; everything else out of order is an error, because it would act on state that does not exist.",
  }),
  reentered: entry<{ operation: string; during: string }>({
    id: "E0202",
    text: (f) => `\`${f.operation}\` was called from inside ${f.during}.`,
    mend: (f) => `Call \`${f.operation}\` after the frame has returned.`,
    explain: "A frame is one piece: nothing may start, stop or step the engine from within it.",
  }),
  disposed: entry<{ operation: string }>({
    id: "E0203",
    text: (f) => `\`${f.operation}\` was called on an engine that has been disposed of.`,
    mend: () => "Make a new engine.",
    explain:
      "Disposal releases the arena and the physics world; nothing of the engine can be used after it, and it can be done only once.",
  }),
  "subsystem-failed": entry<{ subsystem: string; operation: string; problem: string }>({
    id: "E0204",
    text: (f) => `Subsystem "${f.subsystem}" failed to ${f.operation}: ${f.problem}`,
    mend: (f) => `See the message of "${f.subsystem}"; subsystems started before it have been stopped again.`,
    explain:
      "Subsystems start in the order of their needs and stop in reverse. When one fails, the engine is faulted and what was started is stopped.",
  }),

  "limit-reached": entry<{ limit: string; value: number; setting: string }>({
    id: "E0301",
    text: (f) => `The limit "${f.limit}" of ${f.value} is reached.`,
    mend: (f) => `Raise it with \`${f.setting}\` in the game's definition.`,
    explain:
      "All storage is laid out before the first tick, so that a steady tick allocates nothing and every column has a fixed address. Limits are part of a journal's header.",
  }),
  "stale-handle": entry<{ operation: string; entity: number; index: number; generation: number; current: number }>({
    id: "E0302",
    text: (f) =>
      `\`${f.operation}\` was given entity ${f.index} of generation ${f.generation}, but that entity is gone (the slot is at generation ${f.current}).`,
    mend: () => "Ask `isAlive(handle)` before using a handle that was kept from an earlier tick.",
    explain:
      "A handle is an index and a generation. The generation of a slot grows each time its entity is despawned, so an old handle can be told from the entity that now has the slot.",
  }),
  "system-threw": entry<{
    system: string;
    phase: string;
    tick: number;
    entity: number;
    message: string;
    place: string;
  }>({
    id: "E0303",
    text: (f) =>
      `System "${f.system}" (phase ${f.phase}) threw at tick ${f.tick}${f.entity > 0 ? `, entity ${f.entity}` : ""}: ${f.message}${f.place === "" ? "" : ` at ${f.place}`}.`,
    mend: () => "Mend the system; the journal up to the tick before is whole and replays to the same point.",
    explain:
      "A system that throws leaves the tick half done. The world is stopped at once: going on would make a state that no replay can reach.",
  }),
  "not-a-number": entry<{ component: string; field: string; entity: number; system: string; tick: number }>({
    id: "E0304",
    text: (f) => `System "${f.system}" wrote NaN to ${f.component}.${f.field} of entity ${f.entity} at tick ${f.tick}.`,
    mend: () => "Look for 0/0, the square root of a negative number, or a vector of length zero that is normalised.",
    explain:
      "NaN has many bit patterns and differs between engines, so it must never reach the hash; and everything computed from it is NaN as well.",
  }),
  "missing-component": entry<{ operation: string; component: string; entity: number }>({
    id: "E0305",
    text: (f) => `\`${f.operation}\` names ${f.component}, which entity ${f.entity} does not have.`,
    mend: () => "Add the component first, or check `has(entity, component)`.",
    explain: "Removing or reading a component that is not there is almost always a mistake in the order of commands.",
  }),
  "parent-cycle": entry<{ child: number; parent: number }>({
    id: "E0306",
    text: (f) =>
      `Entity ${f.child} cannot become a child of ${f.parent}: that is itself or one of its own descendants.`,
    mend: () => "Detach the descendant first.",
    explain: "The hierarchy is a forest; a circle has no world transform.",
  }),
  "wrong-type": entry<{ component: string; field: string; value: string; expected: string }>({
    id: "E0307",
    text: (f) => `${f.component}.${f.field} was given ${f.value}; it holds ${f.expected}.`,
    mend: () => "Give a value of that type and range.",
    explain: "Initial values are checked when a command is staged, so that the error names the place that made it.",
  }),
  "physics-invalid": entry<{ entity: number; problem: string }>({
    id: "E0308",
    text: (f) => `Entity ${f.entity} cannot have a physics body: ${f.problem}.`,
    mend: () => "Correct the RigidBody or Collider values given when it was spawned.",
    explain: "Bodies and colliders are made at the start of the physics phase that follows the command.",
  }),
  "view-failed": entry<{ what: string; message: string; place: string }>({
    id: "E0310",
    text: (f) => `The view's ${f.what} threw: ${f.message}${f.place === "" ? "" : ` at ${f.place}`}.`,
    mend: () => "Mend the view; a view reads snapshots and must cope with any of them.",
    explain:
      "Views are run once a frame. One that throws cannot be left out silently, so the run ends; its journal is whole.",
  }),
  "commands-closed": entry<{ operation: string }>({
    id: "E0309",
    text: (f) => `\`${f.operation}\` was called outside a tick.`,
    mend: () => "Stage structural changes from a system; from outside the world send a record instead.",
    explain:
      "Only ticks change authoritative state. Whatever enters from outside goes through the door as a record, so that a journal holds all of it.",
  }),

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
  "journal-mismatch": entry<{ path: string; field: string; journal: string; program: string }>({
    id: "E0403",
    text: (f) => `${f.path} was recorded with ${f.field} ${f.journal}, this program has ${f.program}.`,
    mend: () => "Replay it with the program that recorded it, or record it anew.",
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

  "input-file": entry<{ path: string; line: number; column: number; problem: string }>({
    id: "E0501",
    text: (f) => `${f.path}:${f.line}:${f.column}: ${f.problem}.`,
    mend: () =>
      'Each line is one JSON object with a tick, such as {"tick":60,"player":1,"control":"thrust","value":1}.',
    explain: 'An input file is JSON Lines: one record a line, in ascending order of ticks. See README, "Input files".',
  }),
  "record-malformed": entry<{ source: string; problem: string }>({
    id: "E0502",
    text: (f) => `${f.source} sent a record that cannot be read: ${f.problem}.`,
    mend: () => "Nothing of that message was admitted; check that client and host are of the same build.",
    explain: "Records from a driver are checked byte by byte before the door admits them.",
  }),
  "config-invalid": entry<{ setting: string; value: string; expected: string }>({
    id: "E0503",
    text: (f) => `Setting "${f.setting}" cannot be ${f.value}: expected ${f.expected}.`,
    mend: () => "Give a value in range; `plan --json` lists the settings of the game.",
    explain: "Settings enter the world as records at the door and are part of the journal.",
  }),

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
    mend: () => "The journal is whole up to its last block; `replay verify` it, then run again.",
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
  "manifest-invalid": entry<{ file: string; path: string; problem: string; remedy: string }>({
    id: "E0801",
    text: (f) => `${f.file}, at ${f.path}: ${f.problem}.`,
    mend: (f) => f.remedy,
    explain:
      "A manifest lists the assets of a game: name, kind, file, byte length and content hash, and optionally needs, priority and fallback. It is checked whole before anything is loaded.",
  }),
  "asset-failed": entry<{ name: string; stage: string; attempt: number; attemptsMax: number; problem: string }>({
    id: "E0802",
    text: (f) =>
      `Asset "${f.name}" failed in stage "${f.stage}", attempt ${f.attempt} of ${f.attemptsMax}: ${f.problem}.`,
    mend: (f) => `Its fallback stays in use; mend the cause and request "${f.name}" again.`,
    explain:
      "An attempt to load an asset ends in failure when its source cannot be read, a stage throws, the worker that ran it ends, or an asset that it needs has failed. Attempts are repeated with growing pauses, counted in frames.",
  }),
  "asset-content": entry<{
    name: string;
    file: string;
    expectedBytes: number;
    actualBytes: number;
    expectedHash: string;
    actualHash: string;
    attempt: number;
    attemptsMax: number;
  }>({
    id: "E0803",
    text: (f) =>
      `${f.file} (asset "${f.name}", attempt ${f.attempt} of ${f.attemptsMax}) is not what the manifest says: ${f.actualBytes} bytes of hash ${f.actualHash}, expected ${f.expectedBytes} bytes of hash ${f.expectedHash}.`,
    mend: () => "Copy the file anew, or write the manifest anew if the file was changed on purpose.",
    explain:
      "The manifest holds the byte length and the content hash of every file. Bytes that were cut short or changed are never handed to a stage.",
  }),
  "asset-cycle": entry<{ cycle: string }>({
    id: "E0804",
    text: (f) => `Assets wait for one another in a circle: ${f.cycle}.`,
    mend: () => "Remove one of the needs along the circle.",
    explain: "An asset is published after those it needs. In a circle none could ever be the first.",
  }),
  "out-of-place": entry<{ what: string; where: string; allowed: string }>({
    id: "E0805",
    text: (f) => `${f.what} was changed in ${f.where}, where nothing may change it.`,
    mend: (f) => `Change it in ${f.allowed} only.`,
    explain:
      "Each piece of shared state has one place in the frame where it changes, so that whoever reads it elsewhere sees one version from beginning to end.",
  }),
  "stale-resource": entry<{ operation: string; index: number; generation: number; current: number }>({
    id: "E0806",
    text: (f) =>
      `\`${f.operation}\` was given resource ${f.index} of generation ${f.generation}, which was released (the slot is at generation ${f.current}).`,
    mend: () => "Ask `isAlive(handle)` before using a handle of a resource that may have been released.",
    explain:
      "A resource's handle is an index and a generation. Releasing the resource ends the handle; the slot is used again with the next generation.",
  }),
  "asset-heap-full": entry<{ neededBytes: number; heapBytesMax: number }>({
    id: "E0807",
    text: (f) => `The asset heap of ${f.heapBytesMax} bytes has no room for a block of ${f.neededBytes} bytes.`,
    mend: () => "Raise `heapBytesMax` of the asset limits, or release resources that are no longer used.",
    explain: "All bytes of assets, sources and results of stages alike, lie in one shared memory with a largest size.",
  }),

  "job-failed": entry<{ job: string; chunk: number; tick: number; message: string; place: string }>({
    id: "E0701",
    text: (f) =>
      `Job "${f.job}" threw in chunk ${f.chunk} at tick ${f.tick}: ${f.message}${f.place === "" ? "" : ` at ${f.place}`}.`,
    mend: () =>
      "Mend the job; a chunk that fails on a worker is done again by the coordinator, unless the job says stop.",
    explain:
      "A job is a pure function of its snapshot. When a chunk throws on a worker it is done again on the coordinator; when it throws there too, or when the job is declared with onFailure stop, the world is stopped cleanly.",
  }),
  "job-hung": entry<{ job: string; chunk: number; tick: number; waitedMillis: number }>({
    id: "E0702",
    text: (f) => `Job "${f.job}" did not end chunk ${f.chunk} at tick ${f.tick} within ${f.waitedMillis} ms.`,
    mend: () => "Look for a loop without end, or raise the job's timeoutMillis.",
    explain:
      "Every wait for a worker is bounded. The worker is ended and replaced, and the chunk is done again by the coordinator or the world is stopped, as the job declares.",
  }),
  "worker-lost": entry<{ worker: number; job: string; chunk: number; tick: number; problem: string }>({
    id: "E0703",
    text: (f) =>
      `Worker ${f.worker} ended${f.job === "" ? "" : ` in chunk ${f.chunk} of job "${f.job}" at tick ${f.tick}`}: ${f.problem}.`,
    mend: () => "Look for an exit or for memory that grows without end; the pool has replaced the worker.",
    explain:
      "A worker may die at any moment without harm to the world: what it had claimed is done again, and the hash is that of a run without it.",
  }),
  "job-wrote-outside": entry<{ job: string; chunk: number; tick: number; output: string }>({
    id: "E0704",
    text: (f) => `Job "${f.job}" wrote outside its region in chunk ${f.chunk} at tick ${f.tick}: into ${f.output}.`,
    mend: () => "Write only through chunk.output; an offset handed to a kernel must stay within the chunk's rows.",
    explain:
      "Each chunk owns its rows of its job's output and nothing else. A write elsewhere is a race: what survives depends on which chunk ran last. Guard mode finds it by hashing all outputs before and after each chunk.",
  }),
  "snapshot-written": entry<{ jobs: string; tick: number; column: string }>({
    id: "E0705",
    text: (f) => `The snapshot of tick ${f.tick} was written while jobs ran (${f.jobs}): ${f.column} has changed.`,
    mend: () => "Copy what the job must change into its output; a snapshot is immutable.",
    explain:
      "Snapshots are read by any number of jobs at once. Guard mode hashes them before and after, and names the column that differs.",
  }),
  "group-outstanding": entry<{ frame: number; outstanding: string }>({
    id: "E0706",
    text: (f) => `The task group of frame ${f.frame} was left before it was joined; outstanding: ${f.outstanding}.`,
    mend: () => "Join the group within the frame that opened it; its work has been cancelled.",
    explain: "A frame's jobs cannot outlive the frame: their snapshot is given back when it ends.",
  }),
  "pool-silent": entry<{ worker: number; waitedMillis: number }>({
    id: "E0707",
    text: (f) => `Worker ${f.worker} could not be ended within ${f.waitedMillis} ms.`,
    mend: () => "The world was stopped, because the worker may still write; run again.",
    explain:
      "Work of a hung worker is done again only after the worker is known to have ended. When that cannot be made sure, going on would risk a late write.",
  }),
  "race-found": entry<{ comparison: string; tick: number; what: string; expected: string; found: string }>({
    id: "E0708",
    text: (f) => `${f.comparison}: ${f.what} differs at tick ${f.tick}: expected ${f.expected}, found ${f.found}.`,
    mend: () => "Run again with --guard-snapshot, which names the job that writes where it must not.",
    explain:
      "The same records must give the same hashes for every number of workers and every order in which chunks are claimed.",
  }),
  unexpected: entry<{ message: string; place: string }>({
    id: "E0699",
    text: (f) => `Unexpected: ${f.message}${f.place === "" ? "" : ` at ${f.place}`}.`,
    mend: () => "This is a bug of Orrery or of the game; keep the journal, it reproduces the run.",
    explain: "An error that no part of the program expected: a failed assertion or an exception of the language.",
  }),
  "surface-cycle": entry<{ circle: string }>({
    id: "E0921",
    text: (f) => `Surfaces wait for one another's pictures in a circle: ${f.circle}.`,
    mend: () => "Take one `reads` out of the circle, or draw one of the pictures into a surface of its own.",
    explain:
      "The order of presentation follows from which surface reads whose picture. In a circle no surface could be first. A change that makes one is refused as a whole.",
  }),
  "surface-unknown": entry<{ operation: string; name: string; known: string }>({
    id: "E0922",
    text: (f) => `${f.operation} names the surface "${f.name}", which does not exist.`,
    mend: (f) => `Add it in the same change, or use one of: ${f.known}.`,
    explain: "Surfaces are found by name, compared exactly. A change is checked as a whole, so its order is free.",
  }),
  "surface-needed": entry<{ name: string; readers: string }>({
    id: "E0923",
    text: (f) => `Surface "${f.name}" cannot be removed: its picture is read by ${f.readers}.`,
    mend: (f) => `Remove or replace ${f.readers} in the same change.`,
    explain: "A surface whose source is gone would read memory that is given back.",
  }),
  "surface-order": entry<{ surface: string; operation: string; state: string; needed: string }>({
    id: "E0924",
    text: (f) => `\`${f.operation}\` of surface "${f.surface}" came while it was ${f.state}.`,
    mend: (f) => `It must be ${f.needed}: a turn goes planned, recording, recorded, submitted, sealed, presented.`,
    explain:
      "Surfaces are recorded and submitted in parallel, sealed together and presented in sequence, once each a frame. A step out of this order would show a picture that is not drawn, or draw into one that is shown.",
  }),
  "resource-not-ready": entry<{ resource: string; use: string; reason: string }>({
    id: "E0925",
    text: (f) => `${f.use} uses ${f.resource}, but ${f.reason}.`,
    mend: () =>
      "Let the submission wait for that fence, or use the resource after the device said that it is complete.",
    explain:
      "Queues run at the same time. What one queue writes is there for another only after its fence: waited for by the submission, directly or through others, or seen completed by the coordinator.",
  }),
  "resource-retired": entry<{ resource: string; use: string }>({
    id: "E0926",
    text: (f) => `${f.use} uses ${f.resource}, which is retired or freed.`,
    mend: () => "Retire a resource after the seal of its last use; keep no handle of it beyond.",
    explain: "The memory of a retired resource is given back as soon as its last fence has passed.",
  }),
  "resource-in-use": entry<{ resource: string; holder: string }>({
    id: "E0927",
    text: (f) => `${f.resource} cannot be destroyed: ${f.holder} still uses it.`,
    mend: () => "Retire it behind a fence instead: it is freed when nothing can use it any more.",
    explain: "Destroying at once is for resources that no queue holds. Everything else is retired.",
  }),
  "queue-deadlock": entry<{ waits: string }>({
    id: "E0928",
    text: (f) => `Waits that nobody will signal: ${f.waits}.`,
    mend: () => "Submit what signals the fence before the seal, and let no two queues wait for each other.",
    explain:
      "When submissions are sealed, each fence that one waits for must be signalled by another of the same seal or of an earlier one. Otherwise its queue, and every queue that waits for it, would stand still for ever.",
  }),
  "gpu-misuse": entry<{ use: string; problem: string; remedy: string }>({
    id: "E0929",
    text: (f) => `${f.use} is refused by the graphics device: ${f.problem}.`,
    mend: (f) => f.remedy,
    explain:
      "Commands, keys and fences are checked when submissions are sealed. A fault while sealing loses the device, because a part of the frame may have been taken.",
  }),

  "trace-unreadable": entry<{ path: string; place: string; problem: string; remedy: string }>({
    id: "E0901",
    text: (f) => `${f.path}${f.place === "" ? "" : `:${f.place}`} is not a trace that can be read: ${f.problem}.`,
    mend: (f) => f.remedy,
    explain:
      "A trace is JSON in Chrome's trace event format: an object with a list `traceEvents`, or the bare list. Traces of any program are taken as long as they hold complete events.",
  }),
  "trace-unwritable": entry<{ path: string; what: string; problem: string }>({
    id: "E0902",
    text: (f) => `${f.path} (${f.what}) cannot be written: ${f.problem}.`,
    mend: () => "Check that the folder exists, is writable and has room; a run goes on without its trace.",
    explain:
      "A trace is written while the run goes on. When that fails, tracing is switched off and the run is not disturbed; what was written before is whole.",
  }),
  "grid-invalid": entry<{ problem: string }>({
    id: "E0941",
    text: (f) => `A navigation grid cannot be built: ${f.problem}.`,
    mend: () => "Correct the place or the shape that is named.",
    explain: "Sizes and shapes are checked when they are encoded, on the thread that collects them.",
  }),
  "grid-unreadable": entry<{ problem: string }>({
    id: "E0942",
    text: (f) => `These bytes are not a navigation grid: ${f.problem}.`,
    mend: () => "Build the grid again from its shapes.",
    explain: "A grid's block begins with a header that names its format, size and hash.",
  }),

  "producers-full": entry<{ producerCount: number }>({
    id: "E0911",
    text: (f) => `All ${f.producerCount} producer numbers of a message ring are taken.`,
    mend: () => "Raise `producerCount` of the ring, or revoke the tokens of threads that have ended.",
    explain:
      "Each thread that writes to a log has a number of its own. A revoked number is free again when the flush thread has passed the last message that its thread may have begun.",
  }),
} as const;

export type FaultKind = keyof typeof faultCatalog;
export type FaultFields<K extends FaultKind> = Parameters<(typeof faultCatalog)[K]["text"]>[0];
