/** machine: what a page can know of the machine that it runs on. */

interface Known extends Navigator {
  /** In GiB, rounded; not in every browser. */
  deviceMemory?: number;
  userAgentData?: { brands: { brand: string; version: string }[]; platform: string };
}

/** In words: `2 cores, about 8 GB of memory, WebGL by ANGLE (…), Chromium 147 on Linux`. */
export function machine(): string {
  const { hardwareConcurrency, deviceMemory } = navigator as Known;
  const memory = deviceMemory && `about ${deviceMemory} GB of memory`;
  const cores = `${hardwareConcurrency} core${hardwareConcurrency === 1 ? '' : 's'}`;
  const renderer = webglRenderer();
  return [cores, memory, renderer ? `WebGL by ${renderer}` : 'no WebGL', browser()]
    .filter((part) => part)
    .join(', ');
}

/** What draws for WebGL; undefined where there is none. */
export function webglRenderer(): string | undefined {
  const gl = document.createElement('canvas').getContext('webgl2');
  if (!gl) return undefined;
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  const renderer = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension('WEBGL_lose_context')?.loseContext(); // browsers keep few contexts
  return renderer;
}

function browser(): string {
  const { userAgentData, userAgent } = navigator as Known;
  if (!userAgentData)
    return (
      userAgent
        .match(/(Firefox|Edg|Chrome|Version)\/[\d.]+( .*Safari)?/)?.[0]
        .replace(/^Version/, 'Safari') ?? userAgent
    );
  const brands = userAgentData.brands.filter(({ brand }) => !/not.?a.?brand/i.test(brand));
  const { brand, version } = brands.find((each) => each.brand !== 'Chromium') ??
    brands[0] ?? { brand: 'a browser', version: '' };
  return `${brand} ${version} on ${userAgentData.platform}`;
}
