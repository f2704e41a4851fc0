/** The bench of the kernels runs in its tiny size, in which each row checks that both sides compute the same. */
import { expect, test } from "vitest";
import { kernels } from "../../bench/kernels.ts";

test("every row is measured and none failed", async () => {
  const rows = await kernels.run("tiny");
  expect(rows.map(({ name }) => name)).toEqual(kernels.rowNames);
  for (const { ours, peer } of rows) {
    expect(ours).toMatch(/^[\d.]+ (?:ns|us|ms|GB\/s)$/);
    expect(peer).toMatch(/^[\d.]+ (?:ns|us|ms|GB\/s) /);
  }
});
