// An HTTP server over a backend in memory, and what it was asked.
import { request } from 'node:http';
import { onTestFinished } from 'vitest';
import type { HttpBackend, Question, QuarantineQuestion } from '../../../src/http/backend.ts';
import { Metrics } from '../../../src/http/metrics.ts';
import { serveHttp } from '../../../src/http/server.ts';
import type { Readiness } from '../../../src/pipeline/ports.ts';

export const TOKEN = '0123456789abcdef0123456789abcdef';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export interface Rig {
  readonly port: number;
  readonly metrics: Metrics;
  readonly asked: { question: Question | QuarantineQuestion; actor?: string; reason?: string }[];
  readonly logged: string[];
  readiness: Readiness;
  backend: HttpBackend | undefined;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body: string, headers?: Record<string, string>): Promise<Answer>;
}

export async function startRig(options: { token?: string; hasApi?: boolean } = {}): Promise<Rig> {
  const metrics = new Metrics();
  const logged: string[] = [];
  const note = (message: string, fields?: object): void => {
    logged.push(`${message} ${JSON.stringify(fields)}`);
  };
  const asked: Rig['asked'] = [];
  const backend: HttpBackend = {
    status: () => Promise.resolve({ received: 3, waiting: 1, delivered: 1, quarantined: 1, destinations: [] }),
    quarantine(question) {
      asked.push({ question });
      return Promise.resolve([{ recordId: 'a', reason: 'unparsable' }]);
    },
    async *findPseudonyms(question, asker) {
      asked.push({ question, ...asker });
      yield await Promise.resolve([{ patientId: 'MRN1', subjectId: 'LUNG-0001' }]);
    },
    figures: () =>
      Promise.resolve({
        states: new Map([['delivered', 7]]),
        reasons: new Map([['unparsable', 1]]),
        deliveries: [{ destination: 'research', pending: 1, retrying: 2, sent: 3, dead: 4 }],
        oldestWaitingSeconds: 12,
      }),
  };
  const state = {
    backend: backend as HttpBackend | undefined,
    isReady: { isReady: true, reasons: [] } as Readiness,
    readiness: (): Readiness => state.isReady,
  };
  const server = await serveHttp({
    ...{ host: '127.0.0.1', port: 0, state, metrics, token: options.token, hasApi: options.hasApi ?? true },
    freeBytes: () => Promise.resolve(1_000),
    log: { debug: note, info: note, warn: note, error: note },
  });
  onTestFinished(async () => {
    await server.close();
    metrics.close();
  });
  const { port } = server;
  return {
    ...{ port, metrics, asked, logged },
    get readiness() {
      return state.isReady;
    },
    set readiness(readiness) {
      state.isReady = readiness;
    },
    get backend() {
      return state.backend;
    },
    set backend(other) {
      state.backend = other;
    },
    get: (path, headers) => ask(port, 'GET', path, headers),
    post: (path, body, headers) => ask(port, 'POST', path, headers, body),
  };
}

function ask(port: number, method: string, path: string, headers = {}, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
      response.on('error', reject);
    });
    asking.on('error', reject);
    asking.end(body);
  });
}
