/** fetch through the proxy of the environment variables, which Node's own fetch ignores. */

/** The part of `fetch` that downloads use. */
export type Fetch = (
  address: string,
  init: { method?: string; headers?: Record<string, string>; signal?: AbortSignal },
) => Promise<Response>;

/** Whether an environment variable sets a proxy. */
const hasProxy = (): boolean =>
  ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'].some((name) => process.env[name]);

let found: Promise<Fetch> | undefined;

/**
 * Returns `fetch`; with HTTPS_PROXY or HTTP_PROXY set, one that uses that proxy, except for the
 * hosts in NO_PROXY.
 */
export function proxyFetch(): Promise<Fetch> {
  return (found ??= createFetch());
}

async function createFetch(): Promise<Fetch> {
  if (!hasProxy()) return (address, init) => fetch(address, init);
  const { EnvHttpProxyAgent, fetch: undiciFetch } = await import('undici');
  // http URLs are requested from the proxy itself: many refuse to open a tunnel to port 80.
  const dispatcher = new EnvHttpProxyAgent({ proxyTunnel: false });
  return (address, init) =>
    undiciFetch(address, { ...init, dispatcher }) as unknown as Promise<Response>;
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
