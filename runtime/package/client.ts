/**
 * The web client's files: the page, its style and its script, as the web driver serves them.
 *
 * Inside an executable they are assets, made when it was packaged; from a checkout they are bundled
 * at each start, in about a tenth of a second. Both ways give the same names.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assetNames, filesUnder, readAsset } from "../host/assets.ts";
import { packagedProgram } from "../host/program.ts";

/** Names such as "page.html", "page.css" and "main.js", relative to the page, with their bytes. */
export type ClientFiles = ReadonlyMap<string, Uint8Array>;

/** Where the client's files lie among the assets of an executable. */
export const clientAssets = "client/";

/** Raises "bundle-failed" when the client's source does not bundle. */
export async function clientFiles(): Promise<ClientFiles> {
  if (packagedProgram() === undefined) return bundleClient();
  return new Map(assetNames(clientAssets).map((name) => [name.slice(clientAssets.length), readAsset(name)]));
}

/** Bundles the client from its source: main.ts becomes main.js, every file that is no source goes along as it is. */
export async function bundleClient(): Promise<ClientFiles> {
  const { build } = await import("esbuild");
  const { bundled } = await import("./bundle.ts");
  const folder = fileURLToPath(new URL("../drivers/web/client/", import.meta.url));
  const entry = join(folder, "main.ts");
  const result = await bundled(entry, () =>
    build({
      entryPoints: [entry],
      outfile: "main.js",
      write: false,
      bundle: true,
      format: "esm",
      platform: "browser",
      target: "es2024",
      minify: true,
      keepNames: true,
      legalComments: "eof",
      logLevel: "silent",
    }),
  );
  const files = new Map<string, Uint8Array>([["main.js", result.outputFiles[0]!.contents]]);
  for (const name of filesUnder(folder)) {
    if (!/\.ts$|(^|\/)tsconfig.*\.json$/.test(name)) files.set(name, await readFile(join(folder, name)));
  }
  return files;
}
