/**
 * Code within a journal: a black box is one file, so the code that its ticks were made with is an attachment of it, by the
 * hash that the note at its beginning and its swaps name. A journal that somebody asked for has a folder beside it instead.
 */
import { decodeUtf8, encodeUtf8 } from "../../engine/base/bytes.ts";
import { raise } from "../../engine/base/faults.ts";
import type { Journal } from "../../engine/replay/journal.ts";
import { encodeAttachment } from "../../engine/replay/wire.ts";
import { type Code, codeOf, compileCode } from "../hot/code.ts";
import { codeFileOf, codeFolderOf, readCode } from "../hot/code-store.ts";
import { codeForm, formOf } from "../hot/code-text.ts";
import { codeTopic } from "../hot/code-topic.ts";
import { compressNow, hostDecompressor } from "./compression.ts";

/** The payload of an attachment that holds code. */
export function codeAttachment({ hash, text, map }: Code): Uint8Array {
  return encodeAttachment({
    topic: codeTopic,
    name: hash,
    ...compressNow(encodeUtf8(JSON.stringify({ text, map }))),
  });
}

/** The hash of the code with which a journal begins; undefined when it names none: what the program was made of. */
export function firstCodeOf({ notes }: Journal): string | undefined {
  return notes.find(({ topic }) => topic === codeTopic)?.text;
}

/** Reads all code that a journal names, without running it, so that places in it are known. */
export function knowCodeOf(journal: Journal): void {
  for (const hash of [firstCodeOf(journal), ...journal.swaps.map(({ code }) => code?.hash)]) {
    const code = hash === undefined ? undefined : codeNamedIn(journal, hash);
    if (code !== undefined) compileCode(code);
  }
}

/**
 * The code of a hash that a journal names; undefined when it is not to be had. Raises "swap-code-changed" and, for code that
 * another version of Orrery kept, "swap-code-form".
 */
export function codeNamedIn(journal: Journal, hash: string): Code | undefined {
  const carried = carriedCode(journal, hash);
  const folder = codeFolderOf(journal.path);
  const code = carried ?? readCode(folder, hash);
  if (code === undefined) return undefined;
  const found = formOf(code.text);
  if (found === codeForm) return code;
  const path = carried === undefined ? codeFileOf(folder, hash) : journal.path;
  return raise("swap-code-form", { path, found, known: codeForm });
}

function carriedCode(journal: Journal, hash: string): Code | undefined {
  const carried = journal.attachmentBytes(codeTopic, hash, hostDecompressor);
  if (carried === undefined) return undefined;
  const { text, map } = JSON.parse(decodeUtf8(carried)) as { readonly text: string; readonly map: string };
  const code = codeOf(text, map);
  return code.hash === hash ? code : raise("swap-code-changed", { path: journal.path, hash, found: code.hash });
}
