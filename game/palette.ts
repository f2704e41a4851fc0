/** Colours, 0xRRGGBB, and what the HUD calls the colour of each seat. */

export const graphite = 0x626c75;
export const teal = 0x2fd3bd;
export const orange = 0xff8a3d;
export const fire = 0xff5a1f;
export const gold = 0xffc23d;

export const seatColors: readonly number[] = [
  0x2fd3bd, 0xff7a33, 0x6f8cff, 0xf4d03f, 0xff4f79, 0x7ddf64, 0xb678ff, 0xf2f2ee, 0x1e9bd7, 0xd96b1d, 0xe38fd6,
  0xa8c256, 0x8a6cff, 0xc9a27c, 0x57e0ff, 0xd63b3b,
];
export const seatNames: readonly string[] = [
  "Teal",
  "Orange",
  "Blue",
  "Yellow",
  "Pink",
  "Green",
  "Violet",
  "White",
  "Azure",
  "Rust",
  "Rose",
  "Olive",
  "Indigo",
  "Sand",
  "Sky",
  "Red",
];

/** Paint of common crates. */
export const cratePaints: readonly number[] = [0xc2703d, 0x4f8f8b, 0x8c6a4f, 0x9aa3a8, 0xb8553f, 0x6a7f52];
/** Shades of deck plates, which multiply the deck's colour. */
export const plateShades: readonly number[] = [0xffffff, 0xe9eef0, 0xd9dee2, 0xf6f0e8, 0xcfd6da];
