/** The viewer's colours: names get hues far apart, the ones that take most time first. */

export const ink = "#dfeae9";
export const inkSoft = "#8ea3a5";
export const inkFaint = "#54676b";
export const ground = "#0e1417";
export const groundLabel = "#12191d";
export const groundRow = "#131b1f";
export const line = "#1f2a2f";
export const teal = "#2fd3bd";
export const amber = "#ffb454";
export const red = "#ff6b5e";

/**
 * Steps of the golden angle from teal: neighbours in the legend differ most. Lightness is as the eye
 * sees it, so that dark text is equally sharp on all of them.
 */
export function colorOf(name: number): string {
  const hue = Math.round(185 + name * 137.508) % 360;
  return `oklch(${name % 2 === 0 ? 0.78 : 0.72} ${name % 3 === 0 ? 0.1 : 0.13} ${hue})`;
}
