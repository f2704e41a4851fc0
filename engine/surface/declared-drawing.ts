/** A drawing that needs no scene: it costs the device what its surface declares, for simulations, benches and tests. */
import { access, type CommandRecorder } from "../gpu/commands.ts";
import { lines } from "../gpu/queues.ts";
import type { SurfaceTurn } from "./surface-turns.ts";

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
