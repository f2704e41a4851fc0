/** How Scrapyard is shown: a warm low sun, a cool sky, haze below. */
import { defineView } from "../engine/index.ts";
import { moveCamera } from "./camera.ts";
import { hud } from "./hud.ts";
import { look } from "./look.ts";
import { particleSystems } from "./particles.ts";

export const view = defineView({
  title: "Scrapyard",
  look,
  lighting: {
    sunDirection: [-0.62, -0.58, -0.46],
    sunColor: 0xffc78f,
    sunIntensity: 3.4,
    shadowExtent: 30,
    skyColor: 0x2f6cb0,
    groundColor: 0x5a4c66,
    ambientIntensity: 1.5,
    fog: { color: 0xe8a882, near: 60, far: 210 },
  },
  camera: moveCamera,
  hud,
  particles: particleSystems,
});
