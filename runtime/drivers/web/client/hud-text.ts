/**
 * The text of HUD numbers. It is the same in every language of the browser, so that a screenshot of
 * one player can be held against that of another.
 */
import type { HudItemDescription } from "../../../../engine/render/scene.ts";

/** The text of a number item or choice; bars show the part in percent. "–" stands for NaN. */
export function hudText(item: HudItemDescription, value: number): string {
  if (item.format === "choice") return item.choices?.[value] ?? "";
  if (!Number.isFinite(value)) return "–";
  switch (item.format) {
    case "integer":
      return groupThousands(Math.round(value));
    case "decimal":
      return value.toFixed(1);
    case "clock":
      return clockText(value);
    case "bar":
      return `${Math.round(clampPart(value) * 100)}%`;
  }
}

export function clampPart(value: number): number {
  return Number.isNaN(value) ? 0 : Math.max(0, Math.min(1, value));
}

/** Sixteen hex digits, high word first. */
export function hashText(hashHigh: number, hashLow: number): string {
  return hashHigh.toString(16).padStart(8, "0") + hashLow.toString(16).padStart(8, "0");
}

/** Seconds as m:ss; a clock that runs down shows 0:00 only when it is over. */
function clockText(seconds: number): string {
  const whole = Math.ceil(Math.abs(seconds));
  return `${seconds < 0 && whole > 0 ? "-" : ""}${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function groupThousands(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, "\u2009");
}
