/**
 * Places in a TOML text: where the value, or the key, of a path stands. Only for texts with a mistake, since the parser
 * that knows places is loaded for this alone. Given the text of a document that another parser could read, it hands on a
 * look-up that always answers: with the place of the nearest part of the path that is there.
 */
import type { AST } from "toml-eslint-parser";

/** Both count from 1; columns are in UTF-16 units, as editors have them. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

type Path = readonly (string | number)[];
type FindPlace = (path: Path, part: "key" | "value") => TextPlace;

const beginning: TextPlace = { line: 1, column: 1 };

export async function tomlPlaces(text: string): Promise<FindPlace> {
  const { parseTOML } = await import("toml-eslint-parser");
  const keys = new Map<string, TextPlace>();
  const values = new Map<string, TextPlace>();
  try {
    collect(parseTOML(text, { tomlVersion: "latest" }), keys, values);
  } catch {
    // A text that one parser takes and the other does not: its mistakes are told without a place that would be wrong.
  }
  return (path, part) => {
    for (let length = path.length; length > 0; length--) {
      const id = JSON.stringify(path.slice(0, length));
      const place = part === "value" ? (values.get(id) ?? keys.get(id)) : (keys.get(id) ?? values.get(id));
      if (place !== undefined) return place;
    }
    return beginning;
  };
}

function collect(program: AST.TOMLProgram, keys: Map<string, TextPlace>, values: Map<string, TextPlace>): void {
  const note = (places: Map<string, TextPlace>, path: Path, { loc: { start } }: AST.TOMLNode): void => {
    const id = JSON.stringify(path);
    if (!places.has(id)) places.set(id, { line: start.line, column: start.column + 1 });
  };
  const noteKey = (base: Path, { keys: parts }: AST.TOMLKey): Path => {
    let path = base;
    for (const part of parts) {
      path = [...path, part.type === "TOMLBare" ? part.name : part.value];
      note(keys, path, part);
    }
    return path;
  };
  const noteValue = (path: Path, node: AST.TOMLContentNode): void => {
    note(values, path, node);
    if (node.type === "TOMLArray")
      node.elements.forEach((element, at) => {
        noteValue([...path, at], element);
      });
    if (node.type === "TOMLInlineTable") for (const entry of node.body) noteEntry(path, entry);
  };
  const noteEntry = (base: Path, { key, value }: AST.TOMLKeyValue): void => noteValue(noteKey(base, key), value);
  for (const node of program.body[0].body) {
    if (node.type === "TOMLKeyValue") noteEntry([], node);
    else {
      noteKey([], node.key);
      for (const entry of node.body) noteEntry(node.resolvedKey, entry);
    }
  }
}
