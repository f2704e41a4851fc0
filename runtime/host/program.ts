/**
 * The packaged program: what an executable's loader hands to the code it starts, on every thread.
 *
 * Run from a checkout there is no packaged program and each caller takes its own way to the files.
 * Only runtime/host/ reads this; everything else asks assets.ts, wasm.ts or threads.ts. The loader
 * is bundled apart from the program, so the two meet at one registered symbol and nowhere else.
 */

/** What the loader gives. Asset bytes may be mapped from the executable itself: reading only. */
export interface PackagedProgram {
  /** The name of the program that this thread runs: "main", or "bench". */
  readonly name: string;
  readonly assetNames: readonly string[];
  /** Undefined when there is no asset of that name. */
  readAsset(name: string): Uint8Array | undefined;
  /** What a worker thread evaluates to become this program, or another one of the executable. */
  threadSource(program: string): string;
  /** Runs another packaged program in this thread and gives its exports; undefined when it is not there. */
  load(program: string): Readonly<Record<string, unknown>> | undefined;
  /** Says that this thread has done its usual work once, so that a packaging run may keep its compiled code. */
  markWarm(): void;
}

const key = Symbol.for("orrery.packaged-program");
const shelf = globalThis as { [key]?: PackagedProgram };

export function packagedProgram(): PackagedProgram | undefined {
  return shelf[key];
}

/** For the loader alone. */
export function providePackagedProgram(program: PackagedProgram): void {
  shelf[key] = program;
}
