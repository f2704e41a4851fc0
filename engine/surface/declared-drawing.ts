/**
 * Drawings that need no scene: the empty picture, which stands in for a drawing that failed, and the one
 * that costs the device what its surface declares, for simulations, benches and tests.
 */
import { access, type CommandRecorder } from "../gpu/commands.ts";
import { lines } from "../gpu/queues.ts";
import type { SurfaceTurn } from "./surface-turns.ts";

/** Draws an empty picture at no cost: what a surface shows whose drawing failed and may be left out. */
export function clearPicture(recorder: CommandRecorder, { queue, picture }: SurfaceTurn): void {
  if (queue === lines.graphics) {
    recorder.beginPass(picture);
    recorder.endPass();
  } else recorder.bind(0, picture, access.write);
}

/** Draws as long as the turn declares: binds what it reads, then one draw, or one dispatch on the compute queue. */
export function drawDeclared(recorder: CommandRecorder, turn: SurfaceTurn): void {
  const { queue, picture, submitMicros } = turn;
  const isGraphics = queue === lines.graphics;
  for (let i = 0; i < turn.readCount; i++) recorder.bind(i, turn.reads[i]!);
  if (isGraphics) recorder.beginPass(picture);
  else recorder.bind(turn.readCount, picture, access.write);
  if (isGraphics) recorder.draw(3, 1, submitMicros);
  else recorder.dispatch(1, 1, 1, submitMicros);
  if (isGraphics) recorder.endPass();
}
