import { describe, expect, it } from 'vitest';
import { EVENTS, STATES, actionFor, stateAfter } from '../../../src/dimse/state-machine.ts';

/**
 * PS3.8 table 9-10, typed anew from the standard by event number: "event: state action next, …". Written in another form than
 * the code's, so that a slip in either shows. AE-6 is noted with its first outcome, AR-8 with the requestor's.
 */
const STANDARD = `
1: 1 AE-1 4
2: 4 AE-2 5
3: 2 AA-1 13, 3 AA-8 13, 5 AE-3 6, 6-12 AA-8 13, 13 AA-6 13
4: 2 AA-1 13, 3 AA-8 13, 5 AE-4 1, 6-12 AA-8 13, 13 AA-6 13
5: 1 AE-5 2
6: 2 AE-6 3, 3 AA-8 13, 5-12 AA-8 13, 13 AA-7 13
7: 3 AE-7 6
8: 3 AE-8 13
9: 6 DT-1 6, 8 AR-7 8
10: 2 AA-1 13, 3 AA-8 13, 5 AA-8 13, 6 DT-2 6, 7 AR-6 7, 8-12 AA-8 13, 13 AA-6 13
11: 6 AR-1 7
12: 2 AA-1 13, 3 AA-8 13, 5 AA-8 13, 6 AR-2 8, 7 AR-8 9, 8-12 AA-8 13, 13 AA-6 13
13: 2 AA-1 13, 3 AA-8 13, 5-6 AA-8 13, 7 AR-3 1, 8-9 AA-8 13, 10 AR-10 12, 11 AR-3 1, 12 AA-8 13, 13 AA-6 13
14: 8 AR-4 13, 9 AR-9 11, 12 AR-4 13
15: 3 AA-1 13, 4 AA-2 1, 5-12 AA-1 13
16: 2 AA-2 1, 3 AA-3 1, 5-12 AA-3 1, 13 AA-2 1
17: 2 AA-5 1, 3-12 AA-4 1, 13 AR-5 1
18: 2 AA-2 1, 13 AA-2 1
19: 2 AA-1 13, 3 AA-8 13, 5-12 AA-8 13, 13 AA-7 13
`;

const expected = new Map<string, { action: string; next: string }>();
for (const line of STANDARD.trim().split('\n')) {
  const [event, cells] = line.split(': ');
  for (const cell of cells.split(', ')) {
    const [range, action, next] = cell.split(' ');
    const [from, to = from] = range.split('-').map(Number);
    for (let state = from; state <= to; state++) {
      expected.set(`${EVENTS[Number(event) - 1]} in Sta${state}`, { action, next: `Sta${next}` });
    }
  }
}

describe('the state machine of the upper layer', () => {
  it('knows the 13 states and 19 events of PS3.8 section 9.2', () => {
    expect(STATES).toHaveLength(13);
    expect(EVENTS).toHaveLength(19);
  });

  for (const event of EVENTS) {
    it(`does in every state what table 9-10 says about ${event}`, () => {
      for (const state of STATES) {
        const action = actionFor(state, event);
        const next = stateAfter(state, action, 'requestor');
        const cell = expected.get(`${event} in ${state}`);
        if (cell !== undefined) expect({ state, action, next }).toEqual({ state, ...cell });
        else if (state === 'Sta1' || state === 'Sta13')
          expect({ action, next }).toEqual({ action: 'none', next: state });
        else if (state === 'Sta4') expect({ action, next }).toEqual({ action: 'AA-2', next: 'Sta1' });
        else expect({ state, action, next }).toEqual({ state, action: 'AA-8', next: 'Sta13' });
      }
    });
  }

  it('hands data on in no state but Sta6 and Sta7', () => {
    const states = STATES.filter((state) => ['DT-2', 'AR-6'].includes(actionFor(state, 'pduData')));
    expect(states).toEqual(['Sta6', 'Sta7']);
  });

  it('makes the acceptor wait for the reply in a release collision', () => {
    expect(stateAfter('Sta7', 'AR-8', 'acceptor')).toBe('Sta10');
  });
});
