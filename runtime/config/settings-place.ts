/** Where settings stand that a plan refuses: the plan knows their names, their author a file. */
import type { SwapNews } from "../hot/swapper.ts";

/** The same news with the place in the file at `path`, which settings come from, where they were refused. */
export function withSettingsPlace(news: SwapNews, path: string | undefined): SwapNews {
  if (path === undefined || news.kind !== "swap-refused" || news.fault.kind !== "settings-refused") return news;
  const { fault } = news;
  const where = fault.fields.where
    .replace(/^(order|disabled)\b/, "systems.$1")
    .replace(/^tick\.perFrameMax\b/, "tick.per_frame_max");
  return { ...news, fault: { ...fault, fields: { ...fault.fields, where: `${path}, ${where}` } } };
}
