/** A page that runs swarm with one more job, which never returns the first time that a web worker runs it. */
import { u32 } from "../../../engine/index.ts";
import { defineJob } from "../../../engine/jobs/definition.ts";
import { defineOutput } from "../../../engine/jobs/output.ts";
import { makeSwarm, swarmJobs } from "../../games/swarm.ts";
import { launchTestPage } from "./test-page.ts";

const hang = defineJob({
  name: "hang",
  params: { hung: u32 },
  output: defineOutput("Hung", { value: u32 }),
  chunkItems: 1,
  itemsMax: () => 8,
  // Far longer than a busy machine holds back a chunk that does not hang.
  timeoutMillis: 1_500,
  begin: () => 8,
  run({ output, params }) {
    const { name } = globalThis as { readonly name?: string };
    // A chunk has no business writing a parameter; it is what outlives the thread here.
    if (name?.includes("job-worker") === true && Atomics.exchange(params.hung, 0, 1) === 0) for (;;);
    // Long enough for a worker to wake up while there are chunks left.
    for (let i = 0; i < 50_000; i++) output.value[0] = Math.imul(i, output.value[0]! + 1);
    return 1;
  },
});

launchTestPage(makeSwarm([...swarmJobs, hang]), import.meta.url);
