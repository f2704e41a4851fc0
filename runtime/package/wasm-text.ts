/**
 * An esbuild plugin that takes WebAssembly out of base64 text: Rapier's package decodes 2.9 MB of it
 * in JavaScript at each start, which takes longer than everything else of the start together.
 *
 * The text becomes an asset of raw bytes, and the code asks runtime/host/wasm.ts for the module. It
 * is for programs that run on Node; a bundle for a browser keeps the text. The plugin fails when it
 * does not find what it replaces: a new version of the package needs a new look here.
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";

export const rapierAsset = "wasm/rapier.wasm";

const wasmHost = fileURLToPath(new URL("../host/wasm.ts", import.meta.url));
const decodedText = /[\w$]+\.toByteArray\("(AGFzbQ[A-Za-z0-9+/]*={0,2})"\)\.buffer/;

/** Puts the bytes it finds into `assets` under their asset name. */
export function takeWasmText(assets: Map<string, Uint8Array>): Plugin {
  return {
    name: "wasm-text",
    setup(build) {
      build.onLoad({ filter: /[\\/]@dimforge[\\/]rapier3d[^\\/]*[\\/].*\.m?js$/ }, async ({ path }) => {
        const source = await readFile(path, "utf8");
        const match = decodedText.exec(source);
        if (match === null) {
          const text = "this build of Rapier does not hold its WebAssembly as base64 text in the known form";
          return { errors: [{ text, notes: [{ text: "adapt the pattern in runtime/package/wasm-text.ts" }] }] };
        }
        assets.set(rapierAsset, Buffer.from(match[1]!, "base64"));
        const call = `orreryWasmModule(${JSON.stringify(rapierAsset)})`;
        const code = source.slice(0, match.index) + call + source.slice(match.index + match[0].length);
        return {
          contents: `import { wasmModule as orreryWasmModule } from ${JSON.stringify(wasmHost)};${withoutFetch(code)}`,
        };
      });
    },
  };
}

/**
 * Answers the package's question whether it was handed a web response. Only to ask it would make
 * Node load its whole HTTP client, which takes 20 ms.
 */
function withoutFetch(code: string): string {
  return code.replace(/"function"\s*==\s*typeof (Response|Request)\b/g, "false");
}
