/**
 * The laws of files: each opens by saying what it is, none is long, each has a name that says a noun,
 * none leaves work undone in a comment, and the engine exports by name only.
 */

import { codeOf } from "../../runtime/lint/tokens.ts";
import type { Breach, Source } from "./sources.ts";

export const lineCountMax = 400;

/** Files that a program writes; their length is not a matter of style. */
const generatedMark = "/** Generated from ";
const homelessNames = ["utils", "util", "common", "misc", "helpers", "helper"];
const kebab = /^\.?[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)*$/;

export function fileBreaches({ path, text, tokens }: Source): Breach[] {
  const breaches: Breach[] = [];
  const refuse = (line: number, rule: string, fix: string): void => {
    breaches.push({ path, line, rule, fix });
  };
  const opening = text.replace(/^#!.*\n/, "").trimStart();
  if (!opening.startsWith("/**"))
    refuse(1, "the file does not open with a /** comment", "Say its job and its one rule in 1 to 10 lines");
  const lineCount = text.split("\n").length - 1;
  if (lineCount > lineCountMax && !opening.startsWith(generatedMark))
    refuse(
      lineCountMax + 1,
      `${lineCount} lines, more than ${lineCountMax}`,
      "Look for the noun inside it and move it out",
    );
  for (const token of tokens) {
    if (token.kind !== "comment") continue;
    const at = token.text.search(/\b(?:TODO|FIXME|XXX)\b/);
    if (at < 0) continue;
    const line = token.line + token.text.slice(0, at).split("\n").length - 1;
    refuse(line, "work left undone in a comment", "Do it, or open an issue");
  }
  if (path.startsWith("engine/")) {
    const code = codeOf(tokens);
    code.forEach((token, i) => {
      if (token.kind === "word" && token.text === "default" && code[i - 1]?.text === "export")
        refuse(token.line, "a default export", "Export it by its name");
    });
  }
  return breaches;
}

/** What is wrong with the names along `path`; a folder's path ends with a slash. */
export function nameBreaches(path: string): Breach[] {
  const name = path.split("/").findLast((part) => part !== "") as string;
  const breaches: Breach[] = [];
  if (homelessNames.includes(name.split(".")[0] as string))
    breaches.push({
      path,
      line: 1,
      rule: `"${name}" says no noun`,
      fix: "Name what is in it; a thing without a noun has no home",
    });
  if (!kebab.test(name))
    breaches.push({
      path,
      line: 1,
      rule: `"${name}" is not in kebab case`,
      fix: "Write small letters, digits and dashes",
    });
  return breaches;
}
