/** Tumble that runs for more than a minute before it throws, with an infinity shortly before where no arm is. It runs in pages, too. */
import { defineGame, type Game } from "../../engine/index.ts";
import { tumble } from "./tumble.ts";

/** The tick that throws. */
export const lateTick = 4_000;
export const infiniteTick = 3_990;

export const late: Game = defineGame({
  ...tumble,
  systems: tumble.systems.map((known) =>
    known.name !== "swing-arms"
      ? known
      : {
          ...known,
          run(context) {
            known.run(context);
            const { angle } = (context.columns as unknown as { readonly Arm: { readonly angle: Float32Array } }).Arm;
            if (context.tick === infiniteTick) angle[1] = Number.POSITIVE_INFINITY;
            if (context.tick === lateTick) throw new Error("the belt slipped");
          },
        },
  ),
});
