/**
 * Variants of Tumble, each with one thing changed. Those that only do something else at a tick have
 * the same plan and schema as Tumble, so that their journals are Tumble's to replay.
 */
// lint-allow-file host: variants break on purpose, as a crash or a loop of the host does.
import { writeSync } from "node:fs";
import {
  defineComponent,
  defineSystem,
  type Game,
  Position,
  type SubsystemDefinition,
  type SystemContext,
  u8,
} from "../../engine/index.ts";
import { tumble } from "./tumble.ts";
import type { Arm } from "./tumble-parts.ts";

/** What the test systems see; the plan gives each its own columns. */
type Context = SystemContext<typeof Arm, typeof Arm>;

/** The tick at which broken variants break. */
export const brokenTick = 200;

/** Tumble with `then` run after a system; the plan stays the same. */
export function alsoRunning(system: string, then: (context: Context) => void, game: Game = tumble): Game {
  return {
    ...game,
    systems: game.systems.map((known) =>
      known.name !== system
        ? known
        : {
            ...known,
            run(context) {
              known.run(context);
              then(context as unknown as Context);
            },
          },
    ),
  };
}

function breaking(act: (context: Context) => void): Game {
  return alsoRunning("swing-arms", (context) => {
    if (context.tick === brokenTick) act(context);
  });
}

/** A tag that nothing uses. */
const Spare = defineComponent("Spare", { mark: u8 });

const idle = defineSystem({ name: "do-nothing", phase: "gameplay", query: [Position], run() {} });

const bystander = (name: string, part: () => ReturnType<SubsystemDefinition["create"]>): Game => ({
  ...tumble,
  subsystems: [{ name, create: part }],
});

export const variants = {
  tumble: () => tumble,
  throws: () =>
    breaking(() => {
      throw new Error("the belt slipped");
    }),
  /** Throws in the input phase, after the records of the tick have entered. */
  throwsEarly: () =>
    alsoRunning("drive-craft", ({ tick }) => {
      if (tick === brokenTick) throw new RangeError("no such craft");
    }),
  /** Uses the handle of an entity that is gone. */
  stale: () => breaking(({ commands, world }) => commands.despawn(world.handleOf(400) + (1 << 20) * 9)),
  notANumber: () =>
    breaking(({ columns, entities }) => {
      columns.Arm.angle[entities[1]!] = Number.NaN;
    }),
  /** Writes NaN into what its system only reads; whoever computes with it next finds it. */
  spoils: () =>
    alsoRunning("keep-ledger", ({ columns, tick }) => {
      const { Position: read } = columns as unknown as { readonly Position: { readonly y: Float32Array } };
      if (tick === brokenTick) read.y[6] = Number.NaN;
    }),
  /** Reaches past its own column into Crate.bornTick, which lies so far behind it in the arena. */
  smuggles: () =>
    breaking(({ columns }) => {
      const { buffer, byteOffset } = columns.Arm.angle;
      new Uint32Array(buffer, byteOffset + 72_000)[1] = 7;
    }),
  /** Writes an infinity where no arm is, so that nothing follows from it. */
  infinite: () =>
    breaking(({ columns }) => {
      columns.Arm.angle[1] = Number.POSITIVE_INFINITY;
    }),
  /** Says on standard error that it has begun to loop, and loops. */
  endless: () =>
    breaking(() => {
      writeSync(2, "the belt never stops\n");
      for (;;);
    }),
  /** Loops as it is set up. */
  neverStarts: () => ({
    ...tumble,
    setup() {
      for (;;);
    },
  }),
  /** Loops in the stage of a frame, outside of ticks. */
  endlessStage: () =>
    bystander("bystander", () => {
      let frames = 0;
      return {
        stages: {
          present() {
            if (++frames === brokenTick) for (;;);
          },
        },
      };
    }),
  /** Ends its thread at once, as a crash of the engine would. */
  exits: () => breaking(() => process.exit(9)),
  /** Ends its thread when another variant has long gone another way. */
  exitsLater: () =>
    alsoRunning("swing-arms", ({ tick }) => {
      if (tick === brokenTick + 9) process.exit(9);
    }),
  /** Keeps whatever it can get, until there is no more memory for its thread. */
  hoards: () =>
    breaking(() => {
      for (const kept: number[][] = []; ; ) kept.push(Array.from({ length: 100_000 }, (_, at) => at + 0.5));
    }),
  /** Differs by the smallest double from one tick on. */
  diverges: () =>
    alsoRunning("swing-arms", ({ tick, columns, entities }) => {
      if (tick >= brokenTick) columns.Arm.angle[entities[2]!] = columns.Arm.angle[entities[2]!]! + Number.EPSILON * 4;
    }),
  /** Draws one number more than it should: nothing shows but the state of a stream. */
  drawsMore: () => breaking(({ random }) => random.u32()),
  /** Keeps a count of its own, which no save has. */
  remembers: () => {
    let count = 0;
    return alsoRunning("swing-arms", ({ columns, entities }) => {
      count++;
      columns.Arm.angle[entities[0]!] = columns.Arm.angle[entities[0]!]! + count / 1_024;
    });
  },
  failsAfterTick: () =>
    bystander("bystander", () => ({
      afterTick({ tickCount }) {
        if (tickCount === brokenTick) throw new Error("the bystander fell");
      },
    })),
  failsInStage: () =>
    bystander("bystander", () => {
      let frames = 0;
      return {
        stages: {
          present() {
            if (++frames === brokenTick) throw new Error("the curtain fell");
          },
        },
      };
    }),
  otherGame: () => ({ ...tumble, id: "rumble" }),
  otherPlan: () => ({ ...tumble, systems: [...tumble.systems, idle] }),
  otherSchema: () => ({ ...tumble, components: [...tumble.components, Spare] }),
  otherLimits: () => ({ ...tumble, limits: { ...tumble.limits, entities: 640 } }),
  otherRate: () => ({ ...tumble, tickRate: 50 }),
  fast: () => ({ ...tumble, tickRate: 1_000 }),
  rare: () => ({ ...tumble, tickRate: 1 }),
  blind: () => {
    const { view: _, ...unseen } = tumble;
    return unseen;
  },
} satisfies Readonly<Record<string, () => Game>>;

export type VariantName = keyof typeof variants;
