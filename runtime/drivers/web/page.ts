/**
 * The page: the files that a browser loads, as bytes, and the markup filled in for one driver. The
 * bytes are bundled in a source tree and are assets in the executable (runtime/package/client.ts);
 * whoever makes the driver passes them in, so the driver never touches a file system.
 *
 * Rule: only `{{token}}`, `{{build}}` and `{{title}}` are filled in, and only escaped text.
 */
import { createHash } from "node:crypto";

export interface Page {
  readonly html: Uint8Array;
  readonly script: Uint8Array;
  readonly style: Uint8Array;
  readonly sourceMap?: Uint8Array;
}

/** The page in a set of client files; undefined when one of them is missing. */
export function pageOfFiles(files: ReadonlyMap<string, Uint8Array>): Page | undefined {
  const html = files.get("page.html");
  const script = files.get("main.js");
  const style = files.get("page.css");
  const sourceMap = files.get("main.js.map");
  if (html === undefined || script === undefined || style === undefined) return undefined;
  return { html, script, style, ...(sourceMap === undefined ? {} : { sourceMap }) };
}

/** Sixteen hex digits that name the page's build: pages of another build are told to load again. */
export function pageBuild(page: Page): string {
  return createHash("sha256").update(page.script).digest("hex").slice(0, 16);
}

/** The markup with the driver's facts filled in. */
export function fillPage(page: Page, facts: { token: string; build: string; title: string }): Uint8Array {
  const filled = new TextDecoder()
    .decode(page.html)
    .replace(/\{\{(token|build|title)\}\}/g, (_, name: keyof typeof facts) => escapeMarkup(facts[name]));
  return new TextEncoder().encode(filled);
}

function escapeMarkup(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
