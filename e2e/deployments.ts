import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';

const DIST = new URL('../dist/', import.meta.url);
const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};
const IS_TEXT = /\.(?:html|js|css|json|webmanifest)$/;
/** `index-Bx3_f9aQ.js`: what stands before the hash, and the hash. */
const HASHED = /^(.+-)([\w-]{8})(\.\w+)$/;

type Build = ReadonlyMap<string, Buffer>;

function readBuild(): Build {
  const names = readdirSync(DIST, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(DIST.pathname.length))
    .map((name) => name.replace(/^\/+/, ''));
  return new Map(names.map((name) => [name, readFileSync(new URL(name, DIST))]));
}

/** The same page as another build has it: every file has another hash in its name. */
function rebuilt(build: Build): Build {
  const hashes = [...build.keys()].flatMap((name) => {
    const [, , hash] = HASHED.exec(name.split('/').at(-1)!) ?? [];
    return hash ? [hash] : [];
  });
  const other = (hash: string) => hash.slice(1) + hash[0];
  const renamed = (text: string) =>
    hashes
      .reduce((now, hash) => now.replaceAll(hash, other(hash)), text)
      .replace(/playground-([0-9a-f]{16})/, (_all, hash: string) => `playground-${other(hash)}`);
  return new Map(
    [...build].map(([name, bytes]) => [
      renamed(name),
      IS_TEXT.test(name) ? Buffer.from(renamed(bytes.toString('utf8'))) : bytes,
    ]),
  );
}

/** A static host of the page, where one build is put in the place of another. */
export class Host {
  readonly address: string;
  private readonly server: Server;
  private build = readBuild();

  private constructor(server: Server, folder: string) {
    this.server = server;
    this.address = `http://127.0.0.1:${(server.address() as AddressInfo).port}${folder}`;
    server.on('request', (request, response) => {
      const { pathname } = new URL(request.url ?? '/', this.address);
      const path = pathname.startsWith(folder) ? pathname.slice(folder.length) : undefined;
      const bytes = path === undefined ? path : this.build.get(path === '' ? 'index.html' : path);
      const type = TYPES[extname(pathname) || '.html'] ?? 'application/octet-stream';
      response.writeHead(bytes ? 200 : 404, { 'Content-Type': type, 'Cache-Control': 'no-cache' });
      response.end(bytes);
    });
  }

  /** `folder`: the path that the page is served from, between slashes. */
  static async start(folder = '/'): Promise<Host> {
    const server = createServer();
    await new Promise<void>((ready) => {
      server.listen(0, '127.0.0.1', ready);
    });
    return new Host(server, folder);
  }

  deploy(): void {
    this.build = rebuilt(this.build);
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
