/** Tints that hide a part without despawning it: an alpha of 0 is not drawn. */
export const hidden = 0x00ffffff;
