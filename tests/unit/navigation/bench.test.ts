/** The bench of navigation runs, and its peers, written in another way, give the same answers (it throws if not). */
import { expect, test } from "vitest";
import { navigation } from "../../bench/navigation.ts";

test("the peers of the bench see the same lines and pay the same prices", async () => {
  const rows = await navigation.run("tiny");
  expect(rows.map(({ name }) => name)).toEqual(navigation.rowNames);
  for (const { ours } of rows) expect(ours).toMatch(/^[\d.]+ (?:ns|us|ms)$/);
});
