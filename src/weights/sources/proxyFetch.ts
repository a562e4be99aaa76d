/** fetch through the proxy of the environment variables, which Node's own fetch ignores. */
import { OptionsError, reasonOf } from '../../errors';

/** The part of `fetch` that downloads use. */
export type Fetch = (
  address: string,
  init: { method?: string; headers?: Record<string, string>; signal?: AbortSignal },
) => Promise<Response>;

/**
 * Returns the proxy that an environment variable sets, in lowercase or uppercase. Like curl,
 * accepts one without http://.
 */
function proxyIn(name: string): string {
  const proxy = (process.env[name] ?? process.env[name.toUpperCase()] ?? '').trim();
  return proxy === '' || proxy.includes('://') ? proxy : `http://${proxy}`;
}

let found: Promise<Fetch> | undefined;

/**
 * Returns `fetch`; with HTTPS_PROXY or HTTP_PROXY set, one that uses that proxy, except for the
 * hosts in NO_PROXY.
 */
export function proxyFetch(): Promise<Fetch> {
  return (found ??= createFetch());
}

async function createFetch(): Promise<Fetch> {
  const [httpProxy, httpsProxy] = ['http_proxy', 'https_proxy'].map(proxyIn) as [string, string];
  if (!httpProxy && !httpsProxy) return (address, init) => fetch(address, init);
  const { EnvHttpProxyAgent, fetch: undiciFetch } = await import('undici');
  try {
    // http URLs are requested from the proxy itself: many refuse to open a tunnel to port 80.
    const dispatcher = new EnvHttpProxyAgent({ httpProxy, httpsProxy, proxyTunnel: false });
    return (address, init) =>
      undiciFetch(address, { ...init, dispatcher }) as unknown as Promise<Response>;
  } catch (error) {
    // The proxy is not named: its URL may contain a password.
    throw new OptionsError(
      `HTTPS_PROXY and HTTP_PROXY must be URLs of proxies, such as http://proxy.example:3128 (${reasonOf(error)}). Correct or unset them.`,
      { cause: error },
    );
  }
}

/** Returns the first bytes of the file at a URL; undefined if it cannot be fetched. */
export async function firstBytesAt(
  address: string,
  signal?: AbortSignal,
): Promise<Uint8Array | undefined> {
  const request = await proxyFetch();
  const response = await request(address, signal ? { signal } : {}).catch(() => undefined);
  signal?.throwIfAborted();
  const reader = response?.body?.getReader();
  const { value } = (await reader?.read().catch(() => undefined)) ?? {};
  await reader?.cancel().catch(() => {});
  return response?.ok ? value : undefined;
}
