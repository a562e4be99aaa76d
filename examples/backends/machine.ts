/** describeMachine: what a page can find out about the machine. */

interface ExtendedNavigator extends Navigator {
  /** In GiB, rounded. Not available in all browsers. */
  deviceMemory?: number;
  userAgentData?: { brands: { brand: string; version: string }[]; platform: string };
}

/** `2 cores, about 8 GB of memory, WebGL: ANGLE (…), Chromium 147 on Linux`. */
export function describeMachine(): string {
  const { hardwareConcurrency, deviceMemory } = navigator as ExtendedNavigator;
  const memory = deviceMemory && `about ${deviceMemory} GB of memory`;
  const cores = `${hardwareConcurrency} core${hardwareConcurrency === 1 ? '' : 's'}`;
  const renderer = webglRenderer();
  return [cores, memory, renderer ? `WebGL: ${renderer}` : 'no WebGL', browser()]
    .filter((part) => part)
    .join(', ');
}

/** Returns the name of the WebGL renderer; undefined if there is no WebGL. */
export function webglRenderer(): string | undefined {
  const gl = document.createElement('canvas').getContext('webgl2');
  if (!gl) return undefined;
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  const renderer = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension('WEBGL_lose_context')?.loseContext(); // browsers allow few contexts
  return renderer;
}

function browser(): string {
  const { userAgentData, userAgent } = navigator as ExtendedNavigator;
  if (!userAgentData)
    return (
      userAgent
        .match(/(Firefox|Edg|Chrome|Version)\/[\d.]+( .*Safari)?/)?.[0]
        .replace(/^Version/, 'Safari') ?? userAgent
    );
  const brands = userAgentData.brands.filter(({ brand }) => !/not.?a.?brand/i.test(brand));
  const { brand, version } = brands.find((each) => each.brand !== 'Chromium') ??
    brands[0] ?? { brand: 'unknown browser', version: '' };
  return `${brand} ${version} on ${userAgentData.platform}`;
}
