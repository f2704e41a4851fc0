/** Labels of the tracks of a trace, one a thread. They stand alone, so that naming one loads nothing. */

export const engineTrack = "engine";
export const mainTrack = "main";

export function workerTrack(worker: number): string {
  return `worker ${worker}`;
}
