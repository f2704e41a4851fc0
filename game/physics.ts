/** Gravity, and collision layers: what can touch what. */

/** Metres a second squared, downward; more than on Earth, so that things land soon. */
export const gravity = 14;

export const layer = { world: 1, crate: 2, tug: 4, heat: 8, sensor: 16 } as const;

/** Crates pass the heat that keeps tugs out of the furnace. */
export const crateMask = 0xffff & ~layer.heat;
