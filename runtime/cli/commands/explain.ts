/** `explain`: the longer story of a fault, or the list of all. */
import { faultCatalog } from "../../../engine/base/fault-catalog.ts";
import { raise } from "../../../engine/base/faults.ts";
import type { CommandContext } from "../command-line.ts";
import { type ExitCode, exitCode } from "../exit-codes.ts";
import { tableText } from "../terminal.ts";

export async function explain({ terminal }: CommandContext, _options: unknown, wanted?: string): Promise<ExitCode> {
  // The catalogue is put together of files by subject; who reads the list goes by ids.
  const entries = Object.entries(faultCatalog)
    .map(([kind, { id, explain: story }]) => ({ id, kind, story }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  if (wanted === undefined) {
    for (const text of tableText(
      entries.map(({ id, kind, story }) => [id, kind, story.split(". ")[0]!.replace(/\.?$/, ".")]),
    ))
      terminal.line(text);
    terminal.value(entries);
    return exitCode.ok;
  }
  const found = entries.find(({ id, kind }) => id === wanted.toUpperCase() || kind === wanted);
  if (found === undefined)
    raise("usage", {
      problem: `There is no fault "${wanted}".`,
      suggestion: `Ids go from ${entries[0]!.id} to ${entries[entries.length - 1]!.id}; \`explain\` lists them.`,
    });
  terminal.line(`${found.id} ${found.kind}`);
  terminal.line(found.story);
  terminal.value(found);
  return exitCode.ok;
}
