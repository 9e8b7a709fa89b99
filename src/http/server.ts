// The HTTP server: limits on everything that a caller may make it hold, and an end that waits for nobody long.
import { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { LetheError, systemCodeOf } from '../core/errors.ts';
import { createApp, type AppOptions } from './app.ts';

export interface HttpServerOptions extends AppOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

export interface HttpServer {
  /** That it listens on. */
  readonly port: number;
  close(): Promise<void>;
}

const LIMITS = {
  maxHeaderSize: 16 << 10,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 2_000,
} as const;
const MAX_CONNECTIONS = 128;
const MAX_REQUESTS_PER_CONNECTION = 1_000;
/** Silence after which a connection is cut. */
const IDLE_MS = 60_000;
const CLOSE_WITHIN_MS = 2_000;

/** Rejects with `port-taken` when it cannot listen there. */
export async function serveHttp(options: HttpServerOptions): Promise<HttpServer> {
  const app = createApp(options);
  const server = createAdaptorServer({
    fetch: (request, env) => app.fetch(request, env),
    overrideGlobalObjects: false,
    serverOptions: LIMITS,
  });
  if (!(server instanceof Server)) throw new TypeError('not an HTTP/1.1 server');
  server.maxConnections = MAX_CONNECTIONS;
  server.maxRequestsPerSocket = MAX_REQUESTS_PER_CONNECTION;
  server.setTimeout(IDLE_MS);
  await listen(server, options.host, options.port);
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      const timer = setTimeout(() => {
        server.closeAllConnections();
      }, CLOSE_WITHIN_MS);
      await closed;
      clearTimeout(timer);
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const code = systemCodeOf(cause) ?? 'unknown';
      const what = code === 'EADDRINUSE' ? 'another program listens on it' : `it cannot be had (${code})`;
      reject(
        new LetheError(
          'port-taken',
          `HTTP port ${port} of ${host}: ${what}; set http.port and http.host, or http: off`,
          {
            cause,
          },
        ),
      );
    });
    server.listen({ host, port, exclusive: true }, resolve);
  });
}
