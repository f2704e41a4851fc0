/**
 * Builds the surfaces of each material that a scene describes, one for every way of drawing:
 *
 *   detailed  physical, with reflections of the sky
 *   plain     matt, for machines that cannot keep up with detailed
 *   glow      its own light if it is emissive, else black, which hides the glow behind it
 */
import { Color, type Material, MeshBasicMaterial, MeshLambertMaterial, MeshStandardMaterial } from "three";
import type { MaterialDescription } from "../../../../engine/render/scene.ts";

export type Drawing = "detailed" | "plain" | "glow";

export interface Surface {
  /** Undefined where the surface is not drawn. */
  readonly materials: Readonly<Record<Drawing, Material | undefined>>;
  readonly glows: boolean;
  readonly castsShadow: boolean;
  readonly receivesShadow: boolean;
}

/** Light beyond this only widens the white core of a glow. */
const glowIntensityMax = 4;

export function buildSurface(description: MaterialDescription): Surface {
  const { color, roughness = 0.8, metalness = 0, emissive = 0, emissiveIntensity = 1, opacity = 1 } = description;
  const transparent = opacity < 1;
  const glows = emissive !== 0 && emissiveIntensity > 0;
  const shared = { color, emissive, emissiveIntensity, opacity, transparent, depthWrite: !transparent };
  const light = new Color(emissive).multiplyScalar(Math.min(emissiveIntensity, glowIntensityMax) * opacity);
  return {
    materials: {
      detailed: new MeshStandardMaterial({ ...shared, roughness, metalness }),
      plain: new MeshLambertMaterial(shared),
      glow:
        transparent && !glows
          ? undefined
          : new MeshBasicMaterial({ color: glows ? light : 0, fog: false, transparent, depthWrite: !transparent }),
    },
    glows,
    castsShadow: description.castsShadow ?? !transparent,
    receivesShadow: description.receivesShadow ?? true,
  };
}
