/**
 * Builds the surfaces of each material that a scene describes, one for every way of drawing:
 *
 *   detailed  physical, with reflections of the sky
 *   plain     matt, for machines that cannot keep up with detailed
 *   glow      its own light if it is emissive, else black, which hides the glow behind it
 *
 * Rule: a material that names a texture is compiled with one from the start, a white texel, so that the
 * frame in which the real one arrives compiles nothing.
 */
import {
  Color,
  DataTexture,
  type Material,
  MeshBasicMaterial,
  MeshLambertMaterial,
  MeshStandardMaterial,
  type Texture,
} from "three";
import type { MaterialDescription } from "../../../../engine/render/scene.ts";

export type Drawing = "detailed" | "plain" | "glow";

export interface Surface {
  /** Undefined where the surface is not drawn. */
  readonly materials: Readonly<Record<Drawing, Material | undefined>>;
  readonly glows: boolean;
  readonly castsShadow: boolean;
  readonly receivesShadow: boolean;
  /** Shows a texture in place of the plain colour, or the colour again. Only of a material that names one. */
  setTexture(texture: Texture | undefined): void;
}

/** Light beyond this only widens the white core of a glow. */
const glowIntensityMax = 4;

/** `vertexColors`: for meshes that have a colour at each vertex. */
export function buildSurface(description: MaterialDescription, vertexColors = false): Surface {
  const { color, roughness = 0.8, metalness = 0, emissive = 0, emissiveIntensity = 1, opacity = 1 } = description;
  const transparent = opacity < 1;
  const glows = emissive !== 0 && emissiveIntensity > 0;
  const map = description.texture === undefined ? {} : { map: whiteTexel() };
  const shared = { color, emissive, emissiveIntensity, opacity, transparent, depthWrite: !transparent, vertexColors };
  const light = new Color(emissive).multiplyScalar(Math.min(emissiveIntensity, glowIntensityMax) * opacity);
  const detailed = new MeshStandardMaterial({ ...shared, ...map, roughness, metalness });
  const plain = new MeshLambertMaterial({ ...shared, ...map });
  if (glows) for (const material of [detailed, plain]) material.onBeforeCompile = tintOwnLight;
  return {
    materials: {
      detailed,
      plain,
      glow:
        transparent && !glows
          ? undefined
          : new MeshBasicMaterial({ color: glows ? light : 0, fog: false, transparent, depthWrite: !transparent }),
    },
    glows,
    castsShadow: description.castsShadow ?? !transparent,
    receivesShadow: description.receivesShadow ?? true,
    setTexture(texture) {
      for (const material of [detailed, plain]) {
        material.map = texture ?? whiteTexel();
        material.color.set(texture === undefined ? color : 0xffffff);
      }
    },
  };
}

/** The tint of an instance colours its own light as well as what it reflects. */
function tintOwnLight(shader: { fragmentShader: string }): void {
  const chunk = "#include <emissivemap_fragment>";
  shader.fragmentShader = shader.fragmentShader.replace(
    chunk,
    `${chunk}\n#ifdef USE_COLOR\n  totalEmissiveRadiance *= vColor.rgb;\n#endif`,
  );
}

let white: DataTexture | undefined;

function whiteTexel(): DataTexture {
  if (white === undefined) {
    white = new DataTexture(Uint8Array.of(255, 255, 255, 255), 1, 1);
    white.colorSpace = "srgb";
    white.needsUpdate = true;
  }
  return white;
}
