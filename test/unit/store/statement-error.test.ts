import { describe, expect, it } from 'vitest';
import { LetheError } from '../../../src/core/errors.ts';
import { classify, sqlStateOf, StatementError } from '../../../src/store/statement-error.ts';

const serverError = (code: string, more: object = {}): Error =>
  Object.assign(new Error('Key (patient_id)=(MRN-SECRET) exists'), { code, severity: 'ERROR', ...more });

describe('an error of the database', () => {
  it.each(['08006', '40001', '40P01', '53100', '53300', '55P03', '57014', '57P01', '57P03', '25006', '58030'])(
    'with SQLSTATE %s may pass by itself',
    (state) => {
      expect(classify(serverError(state), 'The database')).toMatchObject({
        code: 'database-unavailable',
        kind: 'transient',
      });
    },
  );

  it.each(['28P01', '28000', '3D000', '42501'])('with SQLSTATE %s is for the operator', (state) => {
    expect(classify(serverError(state), 'The database')).toMatchObject({ code: 'database-refused', kind: 'config' });
  });

  it.each(['23505', '22P02', '42601', '42P01', 'XX000'])('with SQLSTATE %s is our bug', (state) => {
    const error = classify(serverError(state, { table: 'subject', constraint: 'subject_pkey' }), 'The database');
    expect(error).toBeInstanceOf(StatementError);
    expect(error.message).toBe(
      `The database rejected a statement with SQLSTATE ${state} at table subject, constraint subject_pkey.`,
    );
  });

  it('without SQLSTATE means that the server is away, whatever the text', () => {
    for (const error of [
      new Error('Connection terminated'),
      Object.assign(new Error('x'), { code: 'EPIPE' }),
      undefined,
      'x',
    ])
      expect(classify(error, 'The database')).toMatchObject({ code: 'database-unavailable' });
    expect(sqlStateOf(Object.assign(new Error('x'), { code: 'EPIPE' }))).toBeUndefined();
  });

  it('never shows a value, not in its text and not in its cause', () => {
    for (const state of ['23505', '53100', '28P01']) {
      const error = classify(serverError(state, { detail: 'MRN-SECRET', params: ['MRN-SECRET'] }), 'The database');
      expect(JSON.stringify([error.message, error.cause, Object.entries(error)])).not.toContain('SECRET');
    }
  });

  it('that is classified already stays as it is', () => {
    const error = new LetheError('shutting-down', 'closed');
    expect(classify(error, 'The database')).toBe(error);
  });
});
