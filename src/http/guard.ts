// Who may ask what: a bearer token (RFC 6750) in front of the API; without one, programs of this machine and the status only.
import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { MiddlewareHandler } from 'hono';
import { isLoopback } from '../core/networks.ts';

/** Answers are for the caller alone; nothing of them is ever a page, a frame or a script. No CORS header: no other origin may read them. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

export const addSecurityHeaders: MiddlewareHandler = async (context, next) => {
  await next();
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) context.res.headers.set(name, value);
};

/** Paths of the API that are served to this machine without a token: they hold counts and names of the configuration. */
const OPEN_WITHOUT_TOKEN = new Set(['/api/status']);

/** What the server knows of a caller. */
interface Caller {
  readonly Bindings: { readonly incoming: { readonly socket: { readonly remoteAddress?: string | undefined } } };
}

/**
 * @param token undefined: none is configured, and the server listens on the loopback only
 * @param onAuthentication told of every caller that had to show it
 */
export function requireToken(
  token: string | undefined,
  onAuthentication: (address: string, isAllowed: boolean) => void,
): MiddlewareHandler<Caller> {
  const expected = token === undefined ? undefined : digestOf(token);
  return async (context, next) => {
    if (expected === undefined) {
      // A page of another origin that had its name resolved to this machine (DNS rebinding) still sends that name.
      const isOpen = OPEN_WITHOUT_TOKEN.has(context.req.path) && isNameOfThisMachine(context.req.header('host'));
      if (isOpen) return next();
      return context.json(denial('a token is needed for this; configure http.token'), 403);
    }
    const shown = /^Bearer +([\x21-\x7E]+)$/i.exec(context.req.header('authorization') ?? '')?.[1];
    const isAllowed = shown !== undefined && timingSafeEqual(digestOf(shown), expected);
    onAuthentication(context.env.incoming.socket.remoteAddress ?? 'unknown', isAllowed);
    if (isAllowed) return next();
    return context.json(denial('show the token as Authorization: Bearer …'), 401, { 'WWW-Authenticate': 'Bearer' });
  };
}

function denial(message: string): { error: { code: string; message: string } } {
  return { error: { code: 'not-authorized', message } };
}

/** Digests have one length, so that comparing tells nothing of the token. */
function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function isNameOfThisMachine(host: string | undefined): boolean {
  const name = (host ?? '')
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase();
  return name === 'localhost' || (isIP(name) !== 0 && isLoopback(name));
}
