/** Sparks: small cubes with a motion of their own, from a pool that never grows. */
import { defineComponent, entity, f32, u8, u16 } from "../../engine/index.ts";

/** Values of Spark.kind and Burst.kind. */
export const sparkKind = { hot: 0, cold: 1, gold: 2, smoke: 3 } as const;

export const Spark = defineComponent("Spark", {
  kind: u8,
  velocityX: f32,
  velocityY: f32,
  velocityZ: f32,
  /** Ticks left, and ticks in all; 0 left is a spark at rest, which is not drawn. */
  ticksLeft: u16,
  ticks: u16,
  /** Side at birth, metres. */
  size: f32,
  /** The tug that draws it in, or none. */
  target: entity,
});

/** The pool: which of its sparks is used next. */
export const SparkPool = defineComponent("SparkPool", { next: u16 });
