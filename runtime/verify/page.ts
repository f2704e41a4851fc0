/**
 * The launcher of a page: stands in for runtime/launch.ts where a game's main file is bundled for a browser. It runs the
 * world as the page's own script and posts to its server what it saw. The server's side is page-run.ts.
 */
import { faultOf } from "../../engine/base/faults.ts";
import type { Game } from "../../engine/game.ts";
import { browserClock } from "../page/clock.ts";
import { encodeTestimony } from "./testimony-codec.ts";
import { type WitnessOrder, WitnessRun } from "./witness-run.ts";

/** Ticks between two words of progress, in which the page shows that it lives. */
const ticksTold = 30;

export function launch(game: Game): void {
  void run(game);
}

async function run(game: Game): Promise<void> {
  try {
    const order = (await (await fetch("order")).json()) as WitnessOrder;
    const witness = new WitnessRun(game, order, { clock: browserClock });
    await witness.start();
    await post("progress", "0");
    const startMicros = browserClock.nowMicros();
    while (!witness.isDone) {
      for (let made = 0; made < ticksTold && !witness.isDone; made++) witness.step();
      await post("progress", String(witness.engine.world.tickCount));
    }
    await post("elapsed", String((browserClock.nowMicros() - startMicros) / 1_000));
    await post("testimony", encodeTestimony(witness.finish()).slice());
  } catch (thrown) {
    await post("fault", JSON.stringify(faultOf(thrown)));
  }
}

async function post(what: string, body: string | Uint8Array<ArrayBuffer>): Promise<void> {
  await fetch(what, { method: "POST", body });
}
