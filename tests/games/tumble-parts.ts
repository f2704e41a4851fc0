/** Tumble, the tests' own game: its components, events, controls and settings. tumble.ts puts it together. */
import {
  array,
  axis,
  bool,
  defineComponent,
  defineConfig,
  defineControls,
  defineEvent,
  entity,
  f32,
  f64,
  held,
  i8,
  i16,
  i32,
  numberSetting,
  pressed,
  u8,
  u16,
  u32,
  wholeSetting,
} from "../../engine/index.ts";

export const controls = defineControls({
  drive: axis("Drive", { negative: ["KeyA"], positive: ["KeyD"] }),
  lift: held("Lift", "KeyW"),
  drop: pressed("Drop a crate", "Space"),
});

export const config = defineConfig({
  spawnEvery: wholeSetting("ticks between crates", 6, 1, 600),
  wind: numberSetting("newtons along x", 0, -50, 50),
});

/** A body that falls, counts what it touches and is gone when its life is over. */
export const Crate = defineComponent("Crate", { bornTick: u32, lifeTicks: u16, touches: u16, owner: entity });

/** A kinematic block that goes to and fro through the pile. */
export const Pusher = defineComponent("Pusher", { reach: f32, periodTicks: u16 });

/** A turning link of a chain; the last one carries a kinematic paddle. */
export const Arm = defineComponent("Arm", { angle: f64, speed: f64, depth: u8 });

/** The body that a player drives. */
export const Craft = defineComponent("Craft", { lifted: bool, drops: u32 });

/** One entity's accounts: a column of every width that the others leave out. */
export const Ledger = defineComponent("Ledger", { sums: array(f64, 8), counts: array(i32, 4), lowest: i16, phase: i8 });

export const CrateGone = defineEvent("CrateGone", { crate: entity, touches: u16, height: f32 });
