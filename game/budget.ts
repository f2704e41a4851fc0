/**
 * What Scrapyard gives up when a machine is too slow for it, in this order: first what nobody misses, such as
 * dust and exhaust, then the look of things far off, last how soon a thing that comes into sight is drawn.
 * Nothing here is in the world's state, so a starved run and an idle one have the same hash.
 *
 * The rule: particles are lowered or deferred and never skipped. A job that is left out keeps its last output,
 * so what is skipped would not vanish but stand still in the air.
 */
import type { Game } from "../engine/index.ts";

export const budget: NonNullable<Game["budget"]> = {
  rungs: [
    { name: "less dust", kind: "lower", target: "particles-dust", level: 0.5 },
    { name: "thinner exhaust", kind: "lower", target: "particles-exhaust", level: 0.5 },
    { name: "less smoke", kind: "lower", target: "particles-smoke", level: 0.5 },
    { name: "coarser shapes", kind: "lower", target: "detail", level: 0.6 },
    { name: "lights every other frame", kind: "defer", target: "clusters", level: 2 },
    { name: "fewer embers", kind: "lower", target: "particles-ember", level: 0.4 },
    { name: "fewer motes", kind: "lower", target: "particles-mote", level: 0.4 },
    { name: "hardly any dust", kind: "lower", target: "particles-dust", level: 0.15 },
    { name: "hardly any exhaust", kind: "lower", target: "particles-exhaust", level: 0.2 },
    { name: "coarsest shapes", kind: "lower", target: "detail", level: 0.35 },
    { name: "lights every fourth frame", kind: "defer", target: "clusters", level: 4 },
    { name: "sight every other frame", kind: "defer", target: "visibility", level: 2 },
  ],
};
