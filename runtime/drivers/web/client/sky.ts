/**
 * The sky: a gradient from ground through haze to zenith with a soft sun, drawn behind everything
 * where nothing else was drawn. It also lights metal, as the environment that surfaces reflect.
 */
import { BackSide, Color, HemisphereLight, Mesh, ShaderMaterial, SphereGeometry, Vector3 } from "three";
import type { LightingDescription } from "../../../../engine/render/scene.ts";

const vertexShader = /* glsl */ `
  varying vec3 direction;
  void main() {
    direction = position;
    vec4 place = projectionMatrix * mat4(mat3(modelViewMatrix)) * vec4(position, 1.0);
    gl_Position = place.xyww;
  }
`;

const fragmentShader = /* glsl */ `
  uniform vec3 zenith;
  uniform vec3 haze;
  uniform vec3 ground;
  uniform vec3 sunDirection;
  uniform vec3 sunColor;
  varying vec3 direction;
  void main() {
    vec3 towards = normalize(direction);
    float up = towards.y;
    vec3 color = up > 0.0 ? mix(haze, zenith, pow(min(up * 1.6, 1.0), 0.6)) : mix(haze, ground, pow(min(-up * 2.5, 1.0), 0.7));
    float sun = max(dot(towards, sunDirection), 0.0);
    color += sunColor * (0.25 * pow(sun, 24.0) + 0.9 * smoothstep(0.9988, 0.9994, sun));
    gl_FragColor = vec4(color, 1.0);
    #include <tonemapping_fragment>
    #include <colorspace_fragment>
  }
`;

/** The colour of the sky at the horizon. */
function hazeColor(lighting: LightingDescription): Color {
  if (lighting.fog !== undefined) return new Color(lighting.fog.color);
  return new Color(lighting.skyColor).lerp(new Color(lighting.groundColor), 0.35);
}

/**
 * The light that matt surfaces get from the whole sky, for surfaces that do not reflect it: what a
 * reflection adds on average from above and from below, with the sky's brightness of 1.
 */
export function buildSkyLight(lighting: LightingDescription): HemisphereLight {
  const haze = hazeColor(lighting);
  const above = new Color(lighting.skyColor).lerp(haze, 0.4);
  const below = new Color(lighting.groundColor).lerp(haze, 0.4);
  return new HemisphereLight(above, below, Math.PI);
}

/** A dome around the camera wherever it is; the fog's colour is its haze, so that the far melts in. */
export function buildSky(lighting: LightingDescription): Mesh<SphereGeometry, ShaderMaterial> {
  const zenith = new Color(lighting.skyColor);
  const ground = new Color(lighting.groundColor);
  const haze = hazeColor(lighting);
  const material = new ShaderMaterial({
    vertexShader,
    fragmentShader,
    side: BackSide,
    depthWrite: false,
    fog: false,
    uniforms: {
      zenith: { value: zenith },
      haze: { value: haze },
      ground: { value: ground },
      sunDirection: { value: new Vector3(...lighting.sunDirection).normalize().negate() },
      sunColor: { value: new Color(lighting.sunColor) },
    },
  });
  const dome = new Mesh(new SphereGeometry(1, 32, 16), material);
  dome.frustumCulled = false;
  dome.renderOrder = 1_000;
  return dome;
}
