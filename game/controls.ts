/** What a player can do in a tug, and the keys for it. */
import { axis, defineControls, held, pressed } from "../engine/index.ts";

export const Controls = defineControls({
  thrust: axis("Drive back / forward", { negative: ["KeyS", "ArrowDown"], positive: ["KeyW", "ArrowUp"] }),
  turn: axis("Turn left / right", { negative: ["KeyA", "ArrowLeft"], positive: ["KeyD", "ArrowRight"] }),
  beam: held("Tractor beam (release to throw)", "Space", "MouseLeft"),
  boost: held("Boost", "ShiftLeft"),
  start: pressed("Start a round", "Enter"),
});
