/**
 * Opens the canvas for drawing and says what it can do. A machine without a graphics processor draws
 * in software: it starts at a lower level and without smoothed edges, which cannot be changed later.
 */
import { WebGLRenderer } from "three";

export interface OpenCanvas {
  readonly renderer: WebGLRenderer;
  readonly software: boolean;
}

/** Undefined when the browser has no WebGL 2. */
export function openCanvas(canvas: HTMLCanvasElement): OpenCanvas | undefined {
  const software = drawsInSoftware();
  if (software === undefined) return undefined;
  try {
    const renderer = new WebGLRenderer({
      canvas,
      antialias: !software,
      alpha: false,
      stencil: false,
      powerPreference: "high-performance",
    });
    return { renderer, software };
  } catch {
    return undefined;
  }
}

/** Asks a throw-away context who draws; undefined without WebGL 2. */
function drawsInSoftware(): boolean | undefined {
  const context = document.createElement("canvas").getContext("webgl2");
  if (context === null) return undefined;
  const naming = context.getExtension("WEBGL_debug_renderer_info");
  const name = String(context.getParameter(naming === null ? context.RENDERER : naming.UNMASKED_RENDERER_WEBGL));
  context.getExtension("WEBGL_lose_context")?.loseContext();
  return /swiftshader|llvmpipe|software|basic render/i.test(name);
}
