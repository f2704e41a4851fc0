/**
 * Queues and fences: the names and numbers that all of engine/gpu shares.
 *
 * A device has three queues that take submissions, and one lane that presents. Each of the four is a
 * line: it works in order within itself and signals its own fence, a counter that only rises. So all
 * that a submission waits for is one value a line, and 0 means "nothing".
 */
export const queueNames = ["graphics", "compute", "copy"] as const;
export type QueueName = (typeof queueNames)[number];

export const lineNames = [...queueNames, "present"] as const;
export type LineName = (typeof lineNames)[number];
export const lineCount = 4;
/** Number of a line: its index in lineNames. Queues have the same numbers. */
export const lines = { graphics: 0, compute: 1, copy: 2, present: 3 } as const satisfies Record<LineName, number>;

/**
 * A moment of one line: it has passed when the line's counter is at least `value`. Values are u32 from
 * 1; at ten submissions a frame and 60 frames a second they last 82 days.
 */
export interface Fence {
  readonly line: LineName;
  readonly value: number;
}

/** A fence that has always passed. */
export const passedFence: Fence = { line: "graphics", value: 0 };
export const fenceValueMax = 0xffff_ffff;

export function fenceText(fence: Fence): string {
  return `${fence.line} fence ${fence.value}`;
}

/** Writes the highest value a line of `fences` into waits[0..3], which is all that waiting for them means. */
export function gatherWaits(fences: readonly Fence[], waits: Uint32Array): void {
  waits.fill(0);
  for (let i = 0; i < fences.length; i++) {
    const { line, value } = fences[i]!;
    if (value > waits[lines[line]]!) waits[lines[line]] = value;
  }
}
