/** The hash trees in a black box, out of its attachment. */
import type { Journal } from "../../engine/replay/journal.ts";
import { hostDecompressor } from "../replay/compression.ts";
import { boxTopic } from "./flight-pace.ts";
import { RecordedTrees } from "./recorded-trees.ts";

/** Undefined for a journal without. Raises "journal-damaged". */
export function recordedTreesOf(journal: Journal): RecordedTrees | undefined {
  const bytes = journal.attachmentBytes(boxTopic.trees, "", hostDecompressor);
  return bytes === undefined ? undefined : new RecordedTrees(bytes);
}
