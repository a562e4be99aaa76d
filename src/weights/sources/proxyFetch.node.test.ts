/**
 * Downloads through the proxies that environment variables set: http URLs from the proxy itself,
 * https URLs through a tunnel to a real TLS server.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { printed, root } from '../../../test/support/child';
import { faultServer, faults } from '../../../test/support/faultServer.mjs';

type Server = Awaited<ReturnType<typeof faultServer>>;
type Proxy = Awaited<ReturnType<typeof startProxy>>;

const NAME = '/weights.pth';
const bytes = Buffer.from(Uint8Array.from({ length: 200_000 }, (_, i) => (i * i) >> 7));
const sha256 = createHash('sha256').update(bytes).digest('hex');
const tls = (name: string) => join(root, 'test/fixtures/tls', name);

let [plain, secure] = [] as unknown as [Server, Server];
let proxy: Proxy;
let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-proxy-'));
  const files = { [NAME]: bytes };
  plain = await faultServer(files);
  secure = await faultServer(files, {
    key: await readFile(tls('localhost.key.pem')),
    cert: await readFile(tls('localhost.pem')),
  });
  proxy = await startProxy();
});
after(async () => {
  await plain.close();
  await secure.close();
  proxy.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  proxy.requests.length = 0;
  proxy.refuse = undefined;
  secure.requests.length = 0;
  secure.fail(NAME);
});

/** A proxy that forwards http requests, opens tunnels, and lists both. */
async function startProxy() {
  const requests: string[] = [];
  const tunnels = new Set<Socket>();
  const server = createServer((request, response) => {
    requests.push(request.url!);
    fetch(request.url!).then(
      async (answer) => {
        response.writeHead(answer.status, { 'content-type': 'application/octet-stream' });
        response.end(Buffer.from(await answer.arrayBuffer()));
      },
      () => response.writeHead(502).end(),
    );
  });
  server.on('connect', ({ url, headers }, socket: Socket, head: Buffer) => {
    const authorization = headers['proxy-authorization'];
    requests.push(`CONNECT ${url}${authorization ? ` ${authorization}` : ''}`);
    if (proxy.refuse) return socket.end(`HTTP/1.1 ${proxy.refuse}\r\n\r\n`);
    const [host, port] = url!.split(':') as [string, string];
    const target = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.write(head);
      target.pipe(socket).pipe(target);
    });
    tunnels.add(socket);
    for (const [one, other] of [
      [socket, target],
      [target, socket],
    ] as const)
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
    return undefined;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    requests,
    host: `127.0.0.1:${port}`,
    address: `http://127.0.0.1:${port}`,
    /** The status with which tunnels are refused. */
    refuse: undefined as string | undefined,
    close() {
      for (const tunnel of tunnels) tunnel.destroy();
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Removes the proxies of this process from the environment of the other. */
const NONE = Object.fromEntries(
  ['http_proxy', 'https_proxy', 'no_proxy'].flatMap((name) => [
    [name, undefined],
    [name.toUpperCase(), undefined],
  ]),
) as NodeJS.ProcessEnv;
const TRUST = { NODE_EXTRA_CA_CERTS: tls('localhost.pem') };

/** Downloads in a process with these variables. Returns the SHA-256 or the error's message. */
const get = (
  address: string,
  variables: Record<string, string>,
  retries: object | number = { times: 2, delay: 0 },
): Promise<string> =>
  printed(
    `const { download } = await import('./src/weights/sources/download.ts');
    const target = ${JSON.stringify(join(folder, 'weights.pth'))};
    const got = await download('${address}', target, { retries: ${JSON.stringify(retries)} })
      .catch(({ message }) => message);
    console.log(JSON.stringify(got));
    process.exit();`,
    { flags: ['--import', 'tsx'], env: { ...NONE, ...variables } },
  ) as Promise<string>;

describe('a proxy', () => {
  const file = () => `${secure.address}${NAME}`;
  const tunnel = () => `CONNECT ${new URL(secure.address).host}`;

  it('is asked for http URLs, except those of NO_PROXY', async () => {
    const address = `${plain.address}${NAME}`;
    assert.equal(await get(address, { HTTP_PROXY: proxy.address }), sha256);
    assert.deepEqual(proxy.requests, [address]);
    assert.equal(await get(address, { http_proxy: proxy.address, no_proxy: '127.0.0.1' }), sha256);
    assert.equal(proxy.requests.length, 1);
  });

  it('opens a tunnel for https URLs, through which a download also resumes', async () => {
    secure.fail(NAME, faults.cut!(70_000));
    assert.equal(await get(file(), { HTTPS_PROXY: proxy.address, ...TRUST }), sha256);
    const [first, second, ...more] = secure.requests.map(({ range }) => range);
    assert.deepEqual([first, more], [undefined, []]);
    // How much arrives before the connection ends depends on the tunnel.
    const resumedAt = Number(/^bytes=(\d+)-$/.exec(second!)?.[1]);
    assert.ok(resumedAt > 0 && resumedAt <= 70_000, second);
    assert.ok(proxy.requests.length >= 1);
    assert.ok(proxy.requests.every((request) => request === tunnel()));
  });

  it('is not asked for the hosts in NO_PROXY', async () => {
    const env = { HTTPS_PROXY: proxy.address, NO_PROXY: 'other.example,127.0.0.1', ...TRUST };
    assert.equal(await get(file(), env), sha256);
    assert.equal(secure.requests.length, 1);
    assert.deepEqual(proxy.requests, []);
  });

  it('may have a password, and omit http://', async () => {
    const env = { https_proxy: `ada:secret@${proxy.host}`, ...TRUST };
    assert.equal(await get(file(), env), sha256);
    const credentials = Buffer.from('ada:secret').toString('base64');
    assert.deepEqual(proxy.requests, [`${tunnel()} Basic ${credentials}`]);
  });

  it('that refuses the tunnel causes an error with its status, not its password', async () => {
    proxy.refuse = '407 Proxy Authentication Required';
    const env = { HTTPS_PROXY: proxy.address.replace('//', '//ada:secret@'), ...TRUST };
    const message = await get(file(), env, 0);
    assert.match(message, /cannot be fetched \(.*Proxy response \(407\)/);
    assert.doesNotMatch(message, /secret/);
    assert.equal(secure.requests.length, 0);
  });

  it('must be the URL of a proxy', async () => {
    const message = await get(file(), { HTTPS_PROXY: 'ftp://ada:secret@there' });
    assert.match(message, /^HTTPS_PROXY and HTTP_PROXY must be URLs of proxies, such as/);
    assert.doesNotMatch(message, /secret/);
  });
});

describe('a server with a certificate that Node does not trust', () => {
  it('is refused at once, with advice', async () => {
    const message = await get(`${secure.address}${NAME}`, {});
    assert.match(message, /cannot be fetched \(.*self-signed certificate/);
    assert.match(message, /set NODE_EXTRA_CA_CERTS to the path of its certificate\.$/);
    assert.doesNotMatch(message, /tries failed/);
  });
});
