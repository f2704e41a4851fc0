/** Meshes, materials and sounds. Most things are the unit box, cylinder or cone, scaled. */
import { defineLook } from "../engine/index.ts";
import { gold, graphite, orange, teal } from "./palette.ts";

/** A section in the distance: a bare platform until its shape is made. `radius` holds its cranes. */
function farSection(resource: string) {
  return {
    shape: "resource",
    resource,
    fallback: { shape: "box", width: 34, height: 2, depth: 22 },
    radius: 34,
  } as const;
}

export const look = defineLook({
  meshes: {
    box: { shape: "box", width: 1, height: 1, depth: 1 },
    cylinder: { shape: "cylinder", radiusTop: 0.5, radiusBottom: 0.5, height: 1, segments: 24 },
    cone: { shape: "cone", radius: 0.5, height: 1, segments: 16 },
    ball: { shape: "sphere", radius: 0.5, segments: 16 },
    ring: { shape: "torus", radius: 1, tube: 0.14 },
    plate: { shape: "box", width: 3.92, height: 0.5, depth: 3.92, bevel: 0.07 },
    crate: { shape: "box", width: 1.2, height: 1.2, depth: 1.2, bevel: 0.1 },
    heavyCrate: { shape: "box", width: 1.6, height: 1.6, depth: 1.6, bevel: 0.16 },
    ingot: { shape: "box", width: 1, height: 1, depth: 1, bevel: 0.2 },
    drum: { shape: "cylinder", radiusTop: 0.5, radiusBottom: 0.5, height: 1.4, segments: 20 },
    container: { shape: "box", width: 6, height: 2.4, depth: 2.4, bevel: 0.1 },
    hull: { shape: "box", width: 1.7, height: 0.46, depth: 2.3, bevel: 0.16 },
    nose: { shape: "box", width: 1.25, height: 0.32, depth: 0.9, bevel: 0.12 },
    cabin: { shape: "box", width: 0.95, height: 0.5, depth: 1.05, bevel: 0.18 },
    section0: farSection("section-0"),
    section1: farSection("section-1"),
    section2: farSection("section-2"),
    pod: { shape: "box", width: 0.36, height: 0.4, depth: 1.8, bevel: 0.14 },
  },
  materials: {
    deck: { color: graphite, roughness: 0.78, metalness: 0.12, texture: "deck-plates" },
    frame: { color: 0x2c3339, roughness: 0.75, metalness: 0.2 },
    steel: { color: 0x97a3ab, roughness: 0.4, metalness: 0.45 },
    paint: { color: 0xffffff, roughness: 0.38, metalness: 0.15 },
    matt: { color: 0xffffff, roughness: 0.85 },
    hazard: { color: orange, roughness: 0.6, emissive: orange, emissiveIntensity: 0.12 },
    glass: { color: 0x0d1a22, roughness: 0.08, metalness: 0.9 },
    brick: { color: 0x6b4a40, roughness: 0.9, metalness: 0.1 },
    gold: { color: gold, roughness: 0.22, metalness: 0.9, emissive: 0xb06a00, emissiveIntensity: 0.55 },
    danger: { color: 0xd8342a, roughness: 0.4, metalness: 0.2, emissive: 0x5a0b06, emissiveIntensity: 0.6 },
    tealLight: { color: teal, emissive: teal, emissiveIntensity: 1.7, castsShadow: false },
    orangeLight: { color: orange, emissive: orange, emissiveIntensity: 1.9, castsShadow: false },
    redLight: { color: 0xff3b30, emissive: 0xff3b30, emissiveIntensity: 2.4, castsShadow: false },
    warmLight: { color: 0xffd9a0, emissive: 0xffb868, emissiveIntensity: 0.9, castsShadow: false },
    darkLight: { color: 0x2a1512, roughness: 0.5 },
    lava: { color: 0xd8400a, emissive: 0xff3a08, emissiveIntensity: 1.5, castsShadow: false },
    blaze: { color: 0xff9838, emissive: 0xff8420, emissiveIntensity: 1.5, opacity: 0.38, castsShadow: false },
    flame: { color: 0x8ff7ff, emissive: 0x48dcff, emissiveIntensity: 2.4, opacity: 0.75, castsShadow: false },
    beam: { color: 0x9ffff0, emissive: teal, emissiveIntensity: 2.2, opacity: 0.5, castsShadow: false },
  },
  sounds: [
    "boom",
    "bump",
    "countdown",
    "deliver",
    "drop",
    "fall",
    "fuse",
    "go",
    "grab",
    "join",
    "return",
    "throw",
    "win",
  ],
});
