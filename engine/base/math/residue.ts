/**
 * What a rounded product, square or quotient leaves out, found exactly by splitting doubles in half
 * (Veltkamp and Dekker, 1971). The other files here add these residues to get under one unit of error.
 * The one rule: arguments keep their products inside [2^-960, 2^990]; outside it the split overflows
 * or the residue falls among the subnormals, so callers scale by a power of two first.
 */

/** 2^27 + 1: multiplying by it moves the upper half of a double's digits apart from the lower. */
const splitter = 134217729;

/** The upper 26 bits of x; x minus it is exact, and products of such halves are exact. */
function upperHalf(x: number): number {
  const shifted = splitter * x;
  return shifted - (shifted - x);
}

/** x * y minus its rounded value `product`, exactly. */
export function productRest(x: number, y: number, product: number): number {
  const xHigh = upperHalf(x);
  const xLow = x - xHigh;
  const yHigh = upperHalf(y);
  const yLow = y - yHigh;
  return xLow * yLow - (product - xHigh * yHigh - xLow * yHigh - xHigh * yLow);
}

/** y / x minus its rounded value `quotient`, to within a rounding of itself. */
export function quotientRest(y: number, x: number, quotient: number): number {
  const product = quotient * x;
  return (y - product - productRest(quotient, x, product)) / x;
}
