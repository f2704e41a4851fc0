/**
 * The viewer's page: one HTML file that holds style, script and the trace itself, and asks no network.
 *
 * Its parts lie in viewer/ as what they are. From a checkout the script is bundled when it is asked
 * for, in about a tenth of a second; inside an executable the parts are assets, made when it was packaged.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assetNames, readAsset } from "../host/assets.ts";
import { packagedProgram } from "../host/program.ts";

/** Where the viewer's parts lie among the assets of an executable. */
export const viewerAssets = "trace-viewer/";

/** Names with bytes: "main.js", "page.html" and "page.css". */
type ViewerParts = ReadonlyMap<string, Uint8Array>;

/** The page of a trace. Raises "bundle-failed" when the viewer's source does not bundle. */
export async function viewerPage(traceText: string): Promise<string> {
  const parts = packagedProgram() === undefined ? await bundleViewer() : packagedViewer();
  const part = (name: string): string => new TextDecoder().decode(parts.get(name));
  // Split and joined, because a replacement text may hold signs that `replace` would read.
  const fill = (page: string, mark: string, text: string): string => page.split(`<!--${mark}-->`).join(text);
  let page = part("page.html");
  page = fill(page, "style", `<style>\n${part("page.css")}</style>`);
  page = fill(page, "script", `<script>\n${part("main.js").replaceAll("</script", "<\\/script")}</script>`);
  // Within JSON a "<" can only be part of a text, where its escape means the same.
  const data = traceText.replaceAll("<", "\\u003c");
  return fill(page, "trace", `<script type="application/json" id="trace">\n${data}</script>`);
}

/** Bundles the viewer from its source; for packaging and for a checkout. */
export async function bundleViewer(): Promise<ViewerParts> {
  const { build } = await import("esbuild");
  const { bundled } = await import("../package/bundle.ts");
  const folder = fileURLToPath(new URL("viewer/", import.meta.url));
  const entry = join(folder, "main.ts");
  const result = await bundled(entry, () =>
    build({
      entryPoints: [entry],
      outfile: "main.js",
      write: false,
      bundle: true,
      format: "iife",
      platform: "browser",
      target: "es2022",
      charset: "ascii",
      minify: true,
      legalComments: "none",
      logLevel: "silent",
    }),
  );
  const parts = new Map<string, Uint8Array>([["main.js", result.outputFiles[0]!.contents]]);
  for (const name of ["page.html", "page.css"]) parts.set(name, await readFile(join(folder, name)));
  return parts;
}

function packagedViewer(): ViewerParts {
  return new Map(assetNames(viewerAssets).map((name) => [name.slice(viewerAssets.length), readAsset(name)]));
}
