/** describeMachine: what a page can find out about the machine. */
import { renderers } from './renderers';

interface ExtendedNavigator extends Navigator {
  /** In GiB, rounded. Not available in all browsers. */
  deviceMemory?: number;
  userAgentData?: { brands: { brand: string; version: string }[]; platform: string };
}

/** `2 cores, about 8 GB of memory, WebGL: ANGLE (…), Chromium 147 on Linux`. */
export async function describeMachine(): Promise<string> {
  const { hardwareConcurrency, deviceMemory } = navigator as ExtendedNavigator;
  const memory = deviceMemory && `about ${deviceMemory} GB of memory`;
  const cores = `${hardwareConcurrency} core${hardwareConcurrency === 1 ? '' : 's'}`;
  const { webgl } = await renderers();
  return [cores, memory, webgl ? `WebGL: ${webgl}` : 'no WebGL', browser()]
    .filter((part) => part)
    .join(', ');
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
