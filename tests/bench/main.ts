/**
 * The bench: DESIGN.md's table of measured ground as far as its subjects exist, each row with its peer
 * in the same run. It is a program of its own: a file in a checkout, a part of the executable.
 *
 * Importing it does no work, except in a thread that the bench itself has started: that becomes the
 * part that it was started for. A group that fails gives rows that say so and stops no other.
 */
import { parentPort } from "node:worker_threads";
import { threadData } from "../../runtime/host/threads.ts";
import { coordinator } from "./coordinator.ts";
import { costCurve, costScenarios } from "./cost-curve.ts";
import { type CrewScenario, crewPart, crewWorkerPart, runCrewPart } from "./crew.ts";
import { cullingJob, cullingScenario } from "./culling-job.ts";
import { dispatch, dispatchScenario } from "./dispatch.ts";
import { entities } from "./entities.ts";
import { executable } from "./executable.ts";
import { frameGarbage, frameGarbageScenario } from "./frame-garbage.ts";
import { garbage } from "./garbage.ts";
import { kernels } from "./kernels.ts";
import { logRing } from "./log-ring.ts";
import { type BenchSize, benchSeed } from "./measure.ts";
import { navigation } from "./navigation.ts";
import { type PacerThreadData, pacerPart, runPacer } from "./pacers.ts";
import { pacing } from "./pacing.ts";
import { physicsTick } from "./physics-tick.ts";
import type { BenchGroup, BenchRow } from "./row.ts";
import { save } from "./save.ts";
import { particlesScenario, pathsScenario, scaling } from "./scaling.ts";
import { snapshotPublish } from "./snapshot-publish.ts";
import { stateHash } from "./state-hash.ts";
import { swap } from "./swap.ts";
import { systemLoop } from "./system-loop.ts";
import { type BenchThreadData, benchRole, runInThread } from "./threads.ts";
import { tracing, tracingScenario } from "./tracing.ts";
import { worldTransforms } from "./world-transforms.ts";

/** In the order of the printed table. */
const groups: readonly BenchGroup[] = [
  systemLoop,
  worldTransforms,
  stateHash,
  kernels,
  snapshotPublish,
  dispatch,
  scaling,
  cullingJob,
  navigation,
  physicsTick,
  save,
  swap,
  coordinator,
  garbage,
  frameGarbage,
  tracing,
  logRing,
  costCurve,
  entities,
  pacing,
  executable,
];

/** What coordinators and workers find by name. */
const scenarios: readonly CrewScenario[] = [
  dispatchScenario,
  pathsScenario,
  particlesScenario,
  cullingScenario,
  frameGarbageScenario,
  tracingScenario,
  ...costScenarios,
];

export interface BenchOptions {
  /** Only rows whose name contains this, in capitals or not. */
  readonly only: string;
  readonly onProgress: (text: string) => void;
  /** "tiny" measures nothing of worth and shows that every part runs. */
  readonly size?: BenchSize;
}

interface GroupThreadData extends BenchThreadData {
  readonly size: BenchSize;
}

/** Measures all rows that are asked for, one group after the other. */
export async function runBench({ only, onProgress, size = "whole" }: BenchOptions): Promise<readonly BenchRow[]> {
  const isWanted = (name: string): boolean => name.toLowerCase().includes(only.toLowerCase());
  const rows: BenchRow[] = [];
  for (const { rowNames } of groups) {
    const wanted = rowNames.filter(isWanted);
    if (wanted.length === 0) continue;
    onProgress(`seed ${benchSeed}: ${wanted.join(", ")}`);
    const data: GroupThreadData = { role: benchRole, part: rowNames[0]!, size };
    rows.push(...((await runInThread(data)) as readonly BenchRow[]).filter(({ name }) => isWanted(name)));
  }
  return rows;
}

async function rowsOf({ rowNames, run }: BenchGroup, size: BenchSize): Promise<readonly BenchRow[]> {
  try {
    return await run(size);
  } catch (thrown) {
    const ours = `failed: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
    return rowNames.map((name) => ({ name, ours, peer: "", ratio: "", goal: "", met: false }));
  }
}

async function becomePart(data: BenchThreadData): Promise<void> {
  if (data.part === pacerPart) return runPacer(data as PacerThreadData);
  if (data.part === crewPart || data.part === crewWorkerPart) return runCrewPart(data, scenarios);
  const group = groups.find(({ rowNames }) => rowNames[0] === data.part)!;
  parentPort!.postMessage(await rowsOf(group, (data as GroupThreadData).size));
}

const data = threadData();
if (data?.role === benchRole) void becomePart(data as BenchThreadData);
