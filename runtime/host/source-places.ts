/**
 * Source places: where in the author's own files a place of the program that runs comes from. Whatever is told to people or
 * kept in a file has them in relation to the project's folder, so that it is the same wherever the project lies.
 *
 * Inside an executable an error's stack names lines of one bundled script. The source map is an
 * asset of some hundred kilobytes: it is read at the first question, which is only asked once
 * something has gone wrong. From a checkout, places are true already, but for those of code that took over while the game
 * ran.
 */
import { existsSync, readFileSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Fault } from "../../engine/base/faults.ts";
import { packagedProgram } from "./program.ts";
import { projectFolder } from "./project.ts";

export interface SourceLine {
  /** "file:line:column", the file relative to the project's folder. */
  readonly place: string;
  /** The text of that line; undefined when it is not known. */
  readonly text: string | undefined;
}

const placePattern = /([\w-]+)\.js:(\d+):(\d+)/g;

/** Puts the author's places into any text that holds places, such as a stack. */
export function withSourcePlaces(text: string): string {
  const isPackaged = packagedProgram() !== undefined;
  const mapped =
    isPackaged || addedMaps.size > 0 ? text.replace(placePattern, (place) => sourceLine(place)?.place ?? place) : text;
  return isPackaged || !mapped.includes("file://") ? mapped : mapped.replaceAll(projectUrl(), "");
}

/** A fault with the author's place in it, where it has one. */
export function withSourcePlace(fault: Fault): Fault {
  const { fields } = fault as { readonly fields: { readonly place?: string } };
  if (fields.place === undefined) return fault;
  return { ...fault, fields: { ...fields, place: withSourcePlaces(fields.place) } } as Fault;
}

let knownProjectUrl = "";

/** The address of the project's folder, with the slash behind which places in it begin. */
function projectUrl(): string {
  knownProjectUrl ||= `${pathToFileURL(projectFolder()).href}/`;
  return knownProjectUrl;
}

/** The source of a place such as "main.js:120:7"; undefined when it is not a place of the packaged program. */
export function sourceLine(place: string): SourceLine | undefined {
  const [, program, line, column] = [...place.matchAll(placePattern)][0] ?? [];
  const map = program === undefined ? undefined : sourceMap(program);
  const origin = map?.findOrigin(Number(line), Number(column));
  if (map === undefined || origin === undefined || !("fileName" in origin)) return undefined;
  const { fileName, lineNumber, columnNumber } = origin;
  const source = map.payload.sourcesContent?.[map.payload.sources.indexOf(fileName)];
  return { place: `${fileName}:${lineNumber}:${columnNumber}`, text: source?.split("\n")[lineNumber - 1] };
}

/** The text of the line that a place names: "file:line:column" of a checkout, or a packaged place; "" when unknown. */
export function sourceTextAt(place: string): string {
  const packaged = sourceLine(place)?.text;
  if (packaged !== undefined) return packaged;
  const [, file, line] = /^(?:file:\/\/)?(.+):(\d+):\d+$/.exec(place) ?? [];
  if (file === undefined) return "";
  const path = packagedProgram() === undefined ? resolve(projectFolder(), file) : file;
  return existsSync(path) ? (readFileSync(path, "utf8").split("\n")[Number(line) - 1] ?? "") : "";
}

const maps = new Map<string, SourceMap | undefined>();
/** Maps as JSON, which are read at the first question. */
const addedMaps = new Map<string, string>();

/** Makes the places of a script of this name known; `map` is its source map as JSON. */
export function addSourceMap(program: string, map: string): void {
  addedMaps.set(program, map);
}

function sourceMap(program: string): SourceMap | undefined {
  if (!maps.has(program)) {
    const bytes = packagedProgram()?.readAsset(`programs/${program}.js.map`);
    const text = addedMaps.get(program) ?? (bytes === undefined ? undefined : Buffer.from(bytes).toString());
    maps.set(program, text === undefined ? undefined : new SourceMap(JSON.parse(text) as SourceMapPayload));
  }
  return maps.get(program);
}
