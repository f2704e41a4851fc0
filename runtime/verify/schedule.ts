/** Runs tasks several at once, as many as a machine has cores for, and begins them in their order. */

export interface Task {
  /** Threads that it keeps busy. */
  readonly weight: number;
  /** Asked when it is its turn; false leaves it out. */
  isWanted(): boolean;
  /** Never rejects. */
  run(): Promise<void>;
}

/** Resolves when all are done. A task that is heavier than `capacity` runs alone. */
export async function runTasks(tasks: readonly Task[], capacity: number): Promise<void> {
  const running = new Set<Promise<void>>();
  let busy = 0;
  for (const task of tasks) {
    const weight = Math.min(capacity, task.weight);
    while (busy + weight > capacity) await Promise.race(running);
    if (!task.isWanted()) continue;
    busy += weight;
    const done: Promise<void> = task.run().finally(() => {
      busy -= weight;
      running.delete(done);
    });
    running.add(done);
  }
  await Promise.all(running);
}
