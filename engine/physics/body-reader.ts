/**
 * The body reader: opens Rapier with two of its imports replaced, and reads poses and velocities of many
 * bodies in one call, without garbage: through Rapier's own methods each body costs 110 to 220 bytes a
 * step. One reader serves all engines of a thread, as Rapier's module does.
 *
 *     0  ┌───────────────────┐ one page of memory
 *        │ handles  f64[n]   │ of the bodies to read
 *        ├───────────────────┤
 *        │ values   f32[4 n] │ x y z w of each; w belongs to rotations
 *        └───────────────────┘
 *
 * Rapier's clock is replaced by a constant: it only fed counters that nobody reads. The memory of the module is kept at
 * hand, because a save copies it whole.
 */
import { init, type World as RapierWorld } from "@dimforge/rapier3d-compat";
import { assert } from "../base/assertions.ts";
import { allocateShared, type SharedMemory, type WasmFunction, wasm } from "../base/wasm.ts";
import { readerBytes } from "../kernels/reader-bytes.ts";

/** What can be read of a body, and the names of Rapier's functions for it. */
export const bodyVector = { translation: 0, rotation: 1, linearVelocity: 2, angularVelocity: 3 } as const;
const exportNames = ["rbTranslation", "rbRotation", "rbLinvel", "rbAngvel"].map((name) => `rawrigidbodyset_${name}`);
/** Bodies that one call reads; 24 bytes each. */
export const bodiesPerRead = 2_560;
const valuesOffset = bodiesPerRead * 8;

/** The memory of a WebAssembly module that is not shared. */
export interface WasmMemory {
  /** Replaced when the memory grows. */
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

interface ReaderExports {
  readonly setIndex: WasmFunction;
  readonly now: WasmFunction;
  readonly read: WasmFunction;
  readonly table: { grow(count: number): number; set(index: number, value: WasmFunction): void };
}

/** Reads vectors of the bodies whose handles are in `handles`. */
export class BodyReader {
  readonly handles: Float64Array;
  /** Four numbers a body, in the order of the handles. */
  readonly values: Float32Array;
  /** The memory of this thread's module, in which all its worlds lie. */
  readonly rapierMemory: WasmMemory;
  /** Bytes at its beginning that are Rapier's stack: between two calls nothing in them means anything. */
  readonly rapierStackBytes: number;
  readonly #read: WasmFunction;
  readonly #firstReader: number;

  constructor(memory: SharedMemory, reader: ReaderExports, rapier: Readonly<Record<string, WasmFunction>>) {
    this.rapierMemory = (rapier as unknown as { readonly memory: WasmMemory }).memory;
    const moveStack = rapier["__wbindgen_add_to_stack_pointer"];
    assert(moveStack !== undefined, "this build of Rapier tells where its stack is");
    this.rapierStackBytes = moveStack(0);
    this.handles = new Float64Array(memory.buffer, 0, bodiesPerRead);
    this.values = new Float32Array(memory.buffer, valuesOffset, bodiesPerRead * 4);
    this.#read = reader.read;
    this.#firstReader = reader.table.grow(exportNames.length);
    for (const [place, name] of exportNames.entries()) {
      const read = rapier[name];
      assert(read !== undefined, "this build of Rapier has the functions that the reader calls", { name });
      reader.table.set(this.#firstReader + place, read);
    }
  }

  /** Fills `values` for the first `count` handles, of bodies of this world that all exist. */
  read(vector: number, world: RapierWorld, count: number): void {
    assert(count <= bodiesPerRead, "a read has room", { count });
    const { __wbg_ptr: set } = world.bodies.raw as unknown as { readonly __wbg_ptr: number };
    try {
      this.#read(this.#firstReader + vector, set, 0, count, valuesOffset);
    } catch (trap) {
      // Reading nothing makes Rapier's numbers go to JavaScript again, for the other engines of this thread.
      this.#read(this.#firstReader, set, 0, 0, 0);
      throw trap;
    }
  }
}

type Imports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
type Instantiate = (source: unknown, imports: Imports) => Promise<{ readonly exports?: Exports; instance?: Instance }>;
type Exports = Readonly<Record<string, WasmFunction>>;
type Instance = { readonly exports: Exports };

let opening: Promise<BodyReader> | undefined;

/** Opens Rapier once a thread. While it opens, WebAssembly.instantiate is this file's: Rapier's glue calls it by name. */
export function openRapier(): Promise<BodyReader> {
  opening ??= open().catch((thrown: unknown) => {
    opening = undefined;
    throw thrown;
  });
  return opening;
}

async function open(): Promise<BodyReader> {
  const namespace = wasm as unknown as { instantiate: Instantiate };
  const { instantiate } = namespace;
  let reader: BodyReader | undefined;
  namespace.instantiate = async (source, imports) => {
    const glue = Object.entries(imports["./rapier_wasm3d_bg.js"] ?? {});
    const setIndex = glue.find(([name]) => name.startsWith("__wbg_set_index_"));
    const now = glue.find(([name]) => name.startsWith("__wbg_now_"));
    if (setIndex === undefined || now === undefined) return instantiate(source, imports);
    const memory = allocateShared(1);
    const own = new wasm.Instance(new wasm.Module(readerBytes), { env: { memory, setIndex: setIndex[1] } });
    const exports = own.exports as unknown as ReaderExports;
    const replaced = { [setIndex[0]]: exports.setIndex, [now[0]]: exports.now };
    const opened = await instantiate(source, { "./rapier_wasm3d_bg.js": { ...Object.fromEntries(glue), ...replaced } });
    reader = new BodyReader(memory, exports, (opened.instance ?? (opened as Instance)).exports);
    return opened;
  };
  try {
    await init();
  } finally {
    namespace.instantiate = instantiate;
  }
  assert(reader !== undefined, "Rapier's glue has the imports that the reader replaces", {});
  return reader;
}
