/**
 * The shaders of particles: squares that face the camera, drawn at where their particle is at the moment of
 * the frame. A spark is stretched along its way across the screen, white-hot at its head; a puff is round,
 * soft and lit like a ball. Both give premultiplied colours, so that one blending serves light and smoke.
 *
 *   place   x y z and size in metres, at the packet's tick
 *   motion  velocity in metres a second, and the number of the system plus 0.999 times the opacity
 */

export const particleVertexShader = /* glsl */ `
  attribute vec2 corner;
  attribute vec4 place;
  attribute vec4 motion;
  uniform float secondsAhead;
  uniform float halfHeightPixels;
  varying vec2 at;
  varying float halfLength;
  varying float opacity;
  varying float depth;
  varying float seed;

  /** Seconds of its way that a spark is drawn along, as a shutter that is open would show it. */
  const float shutterSeconds = 0.035;
  const float lengthMax = 14.0;
  /** The smallest that is drawn, in pixels; what is smaller is drawn so large and fainter. */
  const float halfPixelsMin = 0.9;

  void main() {
    vec4 seen = viewMatrix * vec4(place.xyz - motion.xyz * secondsAhead, 1.0);
    opacity = fract(motion.w) / 0.999;
    depth = -seen.z;
    seed = fract(place.w * 71.7 + float(gl_InstanceID) * 0.618034);
    float halfWidth = place.w * WIDTH;
    float pixels = halfWidth * projectionMatrix[1][1] * halfHeightPixels / max(depth, 0.01);
    if (pixels < halfPixelsMin) {
      opacity *= pixels / halfPixelsMin;
      halfWidth *= halfPixelsMin / max(pixels, 1e-5);
    }
    vec2 along = vec2(0.0, 1.0);
    halfLength = 1.0;
    #ifdef SPARK
      vec2 way = (viewMatrix * vec4(motion.xyz, 0.0)).xy;
      float speed = length(way);
      if (speed > 1e-4) along = way / speed;
      halfLength = min(1.0 + speed * shutterSeconds * 0.5 / max(halfWidth, 1e-4), lengthMax);
    #endif
    at = vec2(corner.x, corner.y * halfLength);
    seen.xy += (vec2(along.y, -along.x) * at.x + along * at.y) * halfWidth;
    gl_Position = projectionMatrix * seen;
    if (opacity <= 0.0 || place.w <= 0.0) gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
  }
`;

export const particleFragmentShader = /* glsl */ `
  uniform vec3 color;
  uniform vec3 light;
  uniform vec3 sunDirection;
  uniform vec3 sunLight;
  uniform vec3 skyLight;
  uniform vec3 groundLight;
  uniform vec3 fogColor;
  uniform vec2 fogRange;
  varying vec2 at;
  varying float halfLength;
  varying float opacity;
  varying float depth;
  varying float seed;

  void main() {
    float clear = 1.0 - smoothstep(fogRange.x, fogRange.y, depth);
    #ifdef SPARK
      float away = length(vec2(at.x, max(abs(at.y) - (halfLength - 1.0), 0.0)));
      if (away >= 1.0) discard;
      float body = (1.0 - away) * (1.0 - away);
      // The head is brighter than the tail, but a spark at rest has neither.
      float head = mix(1.0, 0.3 + 0.7 * (at.y / halfLength * 0.5 + 0.5), min(halfLength - 1.0, 1.0));
      float cover = opacity * head * clear * min(body * 1.8, 1.0);
      vec3 shown = light * (0.4 + 0.9 * body * body);
      float hides = 0.6;
    #else
      float away = dot(at, at);
      if (away >= 1.0) discard;
      float edge = 1.0 - away;
      // Each puff is a little lumpy in its own way.
      float lumps = 0.8 + 0.2 * sin(at.x * (4.0 + seed * 3.0) + seed * 40.0) * cos(at.y * (5.0 - seed * 3.0) + seed * 17.0);
      float cover = opacity * edge * min(1.0, edge * 1.4) * lumps * 0.8;
      vec3 normal = vec3(at, sqrt(edge));
      vec3 up = (viewMatrix * vec4(0.0, 1.0, 0.0, 0.0)).xyz;
      vec3 towardsSun = (viewMatrix * vec4(sunDirection, 0.0)).xyz;
      float lit = max(0.0, dot(normal, towardsSun) * 0.5 + 0.5);
      vec3 shown = color * (mix(groundLight, skyLight, dot(normal, up) * 0.5 + 0.5) + sunLight * lit * lit) + light;
      shown = mix(fogColor, shown, clear);
      float hides = 1.0;
    #endif
    #ifdef GLOW
      gl_FragColor = vec4(min(light, vec3(4.0)) * cover, 0.0);
    #else
      gl_FragColor = vec4(shown, 1.0);
      #include <tonemapping_fragment>
      #include <colorspace_fragment>
      gl_FragColor = vec4(gl_FragColor.rgb * cover, cover * hides);
    #endif
  }
`;
