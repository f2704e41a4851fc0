/** Tumble that breaks by what one of its systems does at a tick; in pages, too. */
import { defineGame, type Game } from "../../engine/index.ts";
import { tumble } from "./tumble.ts";

/** The tick that throws, long after a minute, whose keyframe has been made small by then. */
export const lateTick = 5_300;
export const infiniteTick = 5_290;
export const stuckTick = 100;

/** Throws, and writes an infinity where no arm is shortly before. */
export const late = breaking((tick, angle) => {
  if (tick === infiniteTick) angle[1] = Number.POSITIVE_INFINITY;
  if (tick === lateTick) throw new Error("the belt slipped");
});

export const smuggleTick = 50;

/** Reaches past its own column into Crate.bornTick, which lies so far behind it in the arena, and later loops without end. */
export const stuck = breaking((tick, { buffer, byteOffset }) => {
  if (tick === smuggleTick) new Uint32Array(buffer, byteOffset + 72_000)[1] = 7;
  if (tick === stuckTick) for (;;);
});

function breaking(act: (tick: number, angle: Float32Array) => void): Game {
  return defineGame({
    ...tumble,
    systems: tumble.systems.map((known) =>
      known.name !== "swing-arms"
        ? known
        : {
            ...known,
            run(context) {
              known.run(context);
              const { Arm } = context.columns as unknown as { readonly Arm: { readonly angle: Float32Array } };
              act(context.tick, Arm.angle);
            },
          },
    ),
  });
}
