/** The round: one entity that says where the game stands. */
import { bool, defineComponent, entity, f32, u8, u16, u32 } from "../../engine/index.ts";
import { ticksOf } from "../time.ts";

/**
 * Values of Round.state.
 *   title      rivals play for show; Enter starts
 *   countdown  the yard is new, tugs stand still
 *   playing    the clock runs
 *   ended      the result stands; Enter starts again
 */
export const roundState = { title: 0, countdown: 1, playing: 2, ended: 3 } as const;

export const countdownTicks = ticksOf(3);
/** Presses of Enter before this are left over from play. */
export const resultTicksMin = ticksOf(1.5);
/** After this the title comes back by itself. */
export const resultTicksMax = ticksOf(20);

export const Round = defineComponent(
  "Round",
  {
    state: u8,
    /** The tick at which the state began. In that tick the yard is cleared, if the state begins with a new yard. */
    sinceTick: u32,
    secondsLeft: f32,
    /** Rounds started. */
    number: u16,
    /** The tug in front, none while nobody has scored. */
    leader: entity,
    leaderScore: u16,
    /** The two best have the same score. */
    isTied: bool,
  },
  { shared: true },
);
