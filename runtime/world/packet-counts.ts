/** How much room a packet of a game needs at most. */
import type { Limits } from "../../engine/base/limits.ts";
import type { Game } from "../../engine/game.ts";
import { packetLightMax, packetParticleCount, soundCountMax } from "../../engine/render/assembler.ts";
import type { PacketCounts } from "../../engine/render/packet.ts";

/** The most that a packet of this game can hold. */
export function packetCountsOf({ view }: Game, limits: Limits): PacketCounts {
  const viewers = Math.max(1, limits.players);
  return {
    cameras: viewers,
    draws: Math.max(1, (view?.look.meshes.length ?? 0) * (view?.look.materials.length ?? 0)),
    instances: limits.entities,
    sounds: soundCountMax,
    hud: viewers * (view?.hud.length ?? 0),
    particles: view === undefined ? 0 : packetParticleCount(view),
    lights: packetLightMax,
    assets: limits.resources,
  };
}
