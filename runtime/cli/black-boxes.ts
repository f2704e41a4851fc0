/**
 * Black boxes on the command line: tells of those that killed runs left in the folder, makes one when it is asked for by a
 * signal, and says how to run one again.
 */
import { counted } from "../../engine/base/wording.ts";
import { type BlackBox, boxText } from "../flight/box-file.ts";
import { lifeMillis, silentMillis } from "../flight/flight-pace.ts";
import { claimLeftBehind, pruneCrashes } from "../flight/left-behind.ts";
import { answerDemands } from "../host/demand-signal.ts";
import { typedCommand } from "../host/processes.ts";
import type { WorldThread } from "../world/world-thread.ts";
import type { Terminal } from "./terminal.ts";

export interface BlackBoxOptions {
  readonly flightRecorder: boolean;
  readonly blackBox: string;
}

export class BlackBoxes {
  /** Where the run is to keep its end; undefined for nowhere. */
  readonly folder: string | undefined;
  readonly #terminal: Terminal;
  readonly #later: NodeJS.Timeout | undefined;
  #unwatch: () => void = () => {};

  constructor({ flightRecorder, blackBox }: BlackBoxOptions, terminal: Terminal) {
    this.#terminal = terminal;
    this.folder = flightRecorder ? blackBox : undefined;
    if (this.folder === undefined) return;
    const pruned = pruneCrashes(this.folder, new Date());
    if (pruned.length > 0)
      terminal.note(
        `deleted ${counted(pruned.length, "old black box", "old black boxes")} in ${this.folder}: ${pruned.join(", ")}`,
      );
    this.#claim(this.folder);
    // Of a process that nobody can see from here it is known only once it has been silent for a while.
    this.#later = setTimeout(() => this.#claim(this.folder!), silentMillis + lifeMillis).unref();
  }

  #claim(folder: string): void {
    for (const { processId, box } of claimLeftBehind(folder)) {
      this.#terminal.note(`process ${processId} was killed while it ran:`);
      this.tell(box);
    }
  }

  /** Makes a black box of the run whenever the signal comes. */
  watch(world: WorldThread): void {
    this.#unwatch = answerDemands(() => {
      const box = world.demandBlackBox();
      const why = this.folder === undefined ? "this run has no flight recorder" : "there is nothing on record";
      if (box === undefined) this.#terminal.note(`no black box: ${why}`);
      this.tell(box);
    });
  }

  /** Says where a black box is and what to do with it. */
  tell(box: BlackBox | undefined): void {
    if (box === undefined) return;
    this.#terminal.note(boxText(box));
    this.#terminal.note(`      \`${typedCommand()} replay run ${box.path}\` makes it happen again.`);
  }

  close(): void {
    clearTimeout(this.#later);
    this.#unwatch();
  }
}
