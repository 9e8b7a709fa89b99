// The paths: health, readiness and metrics for whoever runs the installation; a read-only JSON API behind a token.
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { LetheError } from '../core/errors.ts';
import type { Log } from '../pipeline/ports.ts';
import type { HttpBackend, HttpState } from './backend.ts';
import { addSecurityHeaders, requireToken } from './guard.ts';
import type { Metrics } from './metrics.ts';
import { readPseudonymQuestion, readQuarantineQuestion } from './questions.ts';

export interface AppOptions {
  readonly state: HttpState;
  readonly metrics: Metrics;
  readonly token: string | undefined;
  /** False: only health and metrics; another role has the rest. */
  readonly hasApi: boolean;
  readonly freeBytes: () => Promise<number>;
  readonly log: Log;
}

/** The server's own facts about a request. */
export interface Bindings {
  readonly incoming: { readonly socket: { readonly remoteAddress?: string | undefined } };
}

const MAX_BODY_BYTES = 1 << 20;
/** Rows that one answer holds at most: an export is the business of the command line. */
const MAX_ANSWER_ROWS = 10_000;
/** A ledger that does not answer a scrape for so long counts as away. */
const FIGURES_WITHIN_MS = 5_000;

export function createApp({ state, metrics, token, hasApi, freeBytes, log }: AppOptions): Hono<{ Bindings: Bindings }> {
  const app = new Hono<{ Bindings: Bindings }>();
  app.use(addSecurityHeaders);
  app.use(
    bodyLimit({ maxSize: MAX_BODY_BYTES, onError: (context) => fail(context, 413, 'usage', 'the body is too long') }),
  );
  app.notFound((context) => fail(context, 404, 'usage', 'there is nothing here'));
  app.onError((error, context) => {
    if (error instanceof LetheError && error.code === 'usage') return fail(context, 400, error.code, error.message);
    const code = error instanceof LetheError ? error.code : 'internal';
    const isTransient = error instanceof LetheError && error.kind === 'transient';
    log.warn('A request over HTTP failed.', { code });
    return fail(context, isTransient ? 503 : 500, code, isTransient ? 'try again later' : 'the log says more');
  });

  app.get('/healthz', (context) => context.json({ isAlive: true }));
  app.get('/readyz', (context) => {
    const readiness = state.readiness();
    return context.json(readiness, readiness.isReady ? 200 : 503);
  });
  app.get('/metrics', async (context) => {
    const { backend } = state;
    const ledger = backend && (() => within(backend.figures(), FIGURES_WITHIN_MS));
    const text = await metrics.scrape({ ledger, freeBytes, isReady: () => state.readiness().isReady });
    return context.body(text, 200, { 'Content-Type': metrics.contentType });
  });

  if (hasApi) addApi(app, state, token);
  return app;
}

function addApi(app: Hono<{ Bindings: Bindings }>, state: HttpState, token: string | undefined): void {
  app.use(
    '/api/*',
    requireToken(token, (address, isAllowed) => {
      state.onAuthentication?.(address, isAllowed);
    }),
  );
  app.get('/api/status', async (context) =>
    context.json({ ...(await openBackend(state).status()), ...state.readiness() }),
  );
  app.get('/api/quarantine', async (context) => {
    const question = readQuarantineQuestion(context.req.query());
    return context.json({ instances: await openBackend(state).quarantine(question) });
  });
  // Asked in a body: a path or a query would put identifiers into the logs of whatever stands between.
  app.post('/api/pseudonyms', async (context) => {
    const { question, reason } = readPseudonymQuestion(await readJson(context));
    const actor = `api@${context.env.incoming.socket.remoteAddress ?? 'unknown'}`;
    const rows: object[] = [];
    for await (const batch of openBackend(state).findPseudonyms(question, { actor, reason })) {
      rows.push(...batch);
      if (rows.length > MAX_ANSWER_ROWS)
        throw new LetheError('usage', 'this finds too many rows: ask for fewer values');
    }
    return context.json({ rows });
  });
}

function fail(context: Context, status: ContentfulStatusCode, code: string, message: string): Response {
  return context.json({ error: { code, message } }, status);
}

function openBackend(state: HttpState): HttpBackend {
  if (state.backend !== undefined) return state.backend;
  throw new LetheError('shutting-down', 'The database is not open.');
}

async function readJson(context: Context): Promise<unknown> {
  if (!/^application\/json\s*(?:;|$)/i.test(context.req.header('content-type') ?? ''))
    throw new LetheError('usage', 'send application/json');
  try {
    return await context.req.json();
  } catch (cause) {
    throw new LetheError('usage', 'the body is not JSON', { cause });
  }
}

async function within<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new LetheError('database-unavailable', 'The ledger does not answer.'));
    }, milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
