import { describe, expect, it } from 'vitest';
import { LetheError } from '../../../src/core/errors.ts';
import { SECURITY_HEADERS } from '../../../src/http/guard.ts';
import { startRig, TOKEN } from './rig.ts';

const BEARER = { authorization: `Bearer ${TOKEN}` };
const JSON_TYPE = { 'content-type': 'application/json' };

describe('without a token', () => {
  it('gives a program of this machine the status, and nothing about persons or instances', async () => {
    const rig = await startRig();
    expect(JSON.parse((await rig.get('/api/status')).text)).toMatchObject({ received: 3, isReady: true, reasons: [] });
    expect((await rig.get('/api/quarantine')).status).toBe(403);
    expect((await rig.post('/api/pseudonyms', '{"mrn":"1","reason":"r"}', JSON_TYPE)).status).toBe(403);
    expect(rig.asked).toEqual([]);
  });

  it.each(['evil.example', 'evil.example:8080', '127.0.0.1.evil.example', '10.0.0.1'])(
    'refuses a page that had the name %s resolved to this machine',
    async (host) => {
      const rig = await startRig();
      expect((await rig.get('/api/status', { host })).status).toBe(403);
    },
  );

  it.each(['localhost', 'localhost:8080', '127.0.0.1:1', '[::1]:8080'])('takes the name %s', async (host) => {
    const rig = await startRig();
    expect((await rig.get('/api/status', { host })).status).toBe(200);
  });
});

describe('with a token', () => {
  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN.slice(1)}`,
    `Bearer ${TOKEN} ${TOKEN}`,
    `Basic ${TOKEN}`,
    TOKEN,
  ])('refuses the authorization %s everywhere', async (authorization) => {
    const rig = await startRig({ token: TOKEN });
    const headers = authorization === undefined ? {} : { authorization };
    for (const path of ['/api/status', '/api/quarantine', '/api/unknown', '/api/', '/api']) {
      const answer = await rig.get(path, headers);
      expect([path, answer.status]).toEqual([path, 401]);
      expect(answer.headers['www-authenticate']).toBe('Bearer');
    }
    expect((await rig.post('/api/pseudonyms', '{"mrn":"1","reason":"r"}', { ...headers, ...JSON_TYPE })).status).toBe(
      401,
    );
    expect(rig.asked).toEqual([]);
  });

  it('answers who became whom, with the asker and the reason handed on', async () => {
    const rig = await startRig({ token: TOKEN });
    const body = JSON.stringify({ mrn: ['MRN1', 'MRN2'], project: 'lung', reason: 'ethics request 12' });
    const answer = await rig.post('/api/pseudonyms', body, { ...BEARER, ...JSON_TYPE });
    expect(JSON.parse(answer.text)).toEqual({ rows: [{ patientId: 'MRN1', subjectId: 'LUNG-0001' }] });
    expect(rig.asked).toEqual([
      { question: { mrn: ['MRN1', 'MRN2'], project: 'lung' }, actor: 'api@127.0.0.1', reason: 'ethics request 12' },
    ]);
  });

  it('lists the quarantine page by page', async () => {
    const rig = await startRig({ token: TOKEN });
    const after = '2026-11-23T01:02:03.000Z,0d0f8a5e-6c1f-4b8e-9a51-000000000001';
    const answer = await rig.get(`/api/quarantine?project=p&reason=unparsable&limit=5&after=${after}`, BEARER);
    expect(JSON.parse(answer.text)).toEqual({ instances: [{ recordId: 'a', reason: 'unparsable' }] });
    const [receivedAt, recordId] = after.split(',');
    expect(rig.asked).toEqual([
      {
        question: {
          ...{ project: 'p', reason: 'unparsable', limit: 5 },
          after: { recordId, receivedAt: new Date(receivedAt) },
        },
      },
    ]);
  });

  it.each([
    '{"mrn":"1"}',
    '{"mrn":"1","reason":"  "}',
    '{"mrn":"1","uid":"2","reason":"r"}',
    '{"reason":"r"}',
    '{"mrn":[],"reason":"r"}',
    '{"mrn":[1],"reason":"r"}',
    '{"mrn":"1","reason":"r","actor":"somebody else"}',
    '{"mrn":"1","reason":"r","project":5}',
    '[]',
    'null',
    '{',
    '',
  ])('refuses the question %s and gives nothing out', async (body) => {
    const rig = await startRig({ token: TOKEN });
    const answer = await rig.post('/api/pseudonyms', body, { ...BEARER, ...JSON_TYPE });
    expect(answer.status).toBe(400);
    expect(rig.asked).toEqual([]);
  });

  it.each(['limit=0', 'limit=x', 'limit=100000', 'reason=none', 'after=x', 'after=2026-01-01,x', 'page=2'])(
    'refuses the parameter %s',
    async (query) => {
      const rig = await startRig({ token: TOKEN });
      expect((await rig.get(`/api/quarantine?${query}`, BEARER)).status).toBe(400);
    },
  );

  it('takes questions about persons in a body of JSON only, so that no path or form holds an identifier', async () => {
    const rig = await startRig({ token: TOKEN });
    expect((await rig.get('/api/pseudonyms?mrn=MRN1&reason=r', BEARER)).status).toBe(404);
    const form = { ...BEARER, 'content-type': 'application/x-www-form-urlencoded' };
    expect((await rig.post('/api/pseudonyms', 'mrn=MRN1', form)).status).toBe(400);
  });
});

describe('every answer', () => {
  it('has the security headers, names no other origin and may not be kept', async () => {
    const rig = await startRig({ token: TOKEN });
    for (const path of ['/healthz', '/readyz', '/metrics', '/api/status', '/nowhere', '/api/nowhere']) {
      const { headers } = await rig.get(path, { ...BEARER, origin: 'https://evil.example' });
      for (const [name, value] of Object.entries(SECURITY_HEADERS)) expect(headers[name.toLowerCase()]).toBe(value);
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  it('says 503 with the reasons while it is not ready, and is alive all the same', async () => {
    const rig = await startRig();
    rig.readiness = { isReady: false, reasons: ['the gateway is starting'] };
    const ready = await rig.get('/readyz');
    expect([ready.status, JSON.parse(ready.text)]).toEqual([
      503,
      { isReady: false, reasons: ['the gateway is starting'] },
    ]);
    expect((await rig.get('/healthz')).status).toBe(200);
  });

  it('says 503 while the database is not open or away, without a word of the error', async () => {
    const rig = await startRig();
    const { backend } = rig;
    rig.backend = undefined;
    expect((await rig.get('/api/status')).status).toBe(503);
    if (backend === undefined) throw new Error('no backend');
    const secret = new LetheError('database-unavailable', 'MRN1 of Doe^Jane');
    rig.backend = { ...backend, status: () => Promise.reject(secret) };
    const answer = await rig.get('/api/status');
    expect([answer.status, answer.text]).toEqual([503, expect.not.stringContaining('Doe')]);
    rig.backend = { ...backend, status: () => Promise.reject(new Error('Doe^Jane')) };
    const broken = await rig.get('/api/status');
    expect([broken.status, broken.text]).toEqual([500, expect.not.stringContaining('Doe')]);
    expect(rig.logged.join()).not.toContain('Doe');
    expect(rig.logged).toHaveLength(3);
  });

  it('leaves the API to another role when told so', async () => {
    const rig = await startRig({ token: TOKEN, hasApi: false });
    expect((await rig.get('/api/status', BEARER)).status).toBe(404);
    expect((await rig.get('/healthz')).status).toBe(200);
  });
});
