// The state machine of the upper layer protocol (PS3.8 section 9.2, table 9-10, 2026d) as a table. Pure: it tells what to do
// and where that leads; `upper-layer.ts` does it.

/** States of PS3.8 tables 9-1 to 9-5. */
export const STATES = [
  'Sta1', // idle
  'Sta2', // transport connection open, awaiting A-ASSOCIATE-RQ
  'Sta3', // awaiting the local A-ASSOCIATE response
  'Sta4', // awaiting the transport connection to open
  'Sta5', // awaiting A-ASSOCIATE-AC or -RJ
  'Sta6', // association established
  'Sta7', // awaiting A-RELEASE-RP
  'Sta8', // awaiting the local A-RELEASE response
  'Sta9', // release collision, requestor: awaiting the local response
  'Sta10', // release collision, acceptor: awaiting A-RELEASE-RP
  'Sta11', // release collision, requestor: awaiting A-RELEASE-RP
  'Sta12', // release collision, acceptor: awaiting the local response
  'Sta13', // awaiting the transport connection to close
] as const;
export type State = (typeof STATES)[number];

/** Events 1 to 19 of PS3.8 table 9-10, in its order. `pdu…` come from the peer, `ask…` and `answer…` from us. */
export const EVENTS = [
  'askAssociate',
  'transportOpened',
  'pduAssociateAc',
  'pduAssociateRj',
  'transportIndicated',
  'pduAssociateRq',
  'answerAccept',
  'answerReject',
  'askData',
  'pduData',
  'askRelease',
  'pduReleaseRq',
  'pduReleaseRp',
  'answerRelease',
  'askAbort',
  'pduAbort',
  'transportClosed',
  'artimExpired',
  'pduInvalid',
] as const;
export type Event = (typeof EVENTS)[number];

/** Each action of PS3.8 tables 9-6 to 9-9 and the state it ends in. `none` is ours: nothing is left that could be done. */
const NEXT_STATE = {
  'AE-1': 'Sta4', // open the transport connection
  'AE-2': 'Sta5', // send A-ASSOCIATE-RQ
  'AE-3': 'Sta6', // tell that the association is accepted
  'AE-4': 'Sta1', // tell that it is rejected, close the transport connection
  'AE-5': 'Sta2', // start ARTIM
  'AE-6': 'Sta3', // stop ARTIM, tell of the request (one that is not acceptable is rejected at once: Sta13)
  'AE-7': 'Sta6', // send A-ASSOCIATE-AC
  'AE-8': 'Sta13', // send A-ASSOCIATE-RJ, start ARTIM
  'DT-1': 'Sta6', // send P-DATA-TF
  'DT-2': 'Sta6', // hand on P-DATA
  'AR-1': 'Sta7', // send A-RELEASE-RQ
  'AR-2': 'Sta8', // tell of the release request
  'AR-3': 'Sta1', // tell that the association is released, close the transport connection
  'AR-4': 'Sta13', // send A-RELEASE-RP, start ARTIM
  'AR-5': 'Sta1', // stop ARTIM
  'AR-6': 'Sta7', // hand on P-DATA
  'AR-7': 'Sta8', // send P-DATA-TF
  'AR-8': 'Sta9', // tell of the release collision (acceptor: Sta10)
  'AR-9': 'Sta11', // send A-RELEASE-RP
  'AR-10': 'Sta12', // tell that the release is confirmed
  'AA-1': 'Sta13', // send A-ABORT as service user, (re)start ARTIM
  'AA-2': 'Sta1', // stop ARTIM, close the transport connection
  'AA-3': 'Sta1', // tell of the peer's abort, close the transport connection
  'AA-4': 'Sta1', // tell that the transport connection is gone
  'AA-5': 'Sta1', // stop ARTIM
  'AA-6': 'Sta13', // ignore the PDU
  'AA-7': 'Sta13', // send A-ABORT
  'AA-8': 'Sta13', // send A-ABORT as service provider, tell of it, start ARTIM
  none: undefined,
} as const satisfies Record<string, State | undefined>;
export type Action = keyof typeof NEXT_STATE;

type Cell = Action | '';

/** Table 9-10: a row per event, a column per state. Empty cells are impossible in the standard; `actionFor` says what they mean here. */
// prettier-ignore
const TABLE: Readonly<Record<Event, readonly Cell[]>> = {
  //                   Sta1    Sta2    Sta3    Sta4    Sta5    Sta6    Sta7    Sta8    Sta9    Sta10    Sta11   Sta12   Sta13
  askAssociate:       ['AE-1', '',     '',     '',     '',     '',     '',     '',     '',     '',      '',     '',     ''],
  transportOpened:    ['',     '',     '',     'AE-2', '',     '',     '',     '',     '',     '',      '',     '',     ''],
  pduAssociateAc:     ['',     'AA-1', 'AA-8', '',     'AE-3', 'AA-8', 'AA-8', 'AA-8', 'AA-8', 'AA-8',  'AA-8', 'AA-8', 'AA-6'],
  pduAssociateRj:     ['',     'AA-1', 'AA-8', '',     'AE-4', 'AA-8', 'AA-8', 'AA-8', 'AA-8', 'AA-8',  'AA-8', 'AA-8', 'AA-6'],
  transportIndicated: ['AE-5', '',     '',     '',     '',     '',     '',     '',     '',     '',      '',     '',     ''],
  pduAssociateRq:     ['',     'AE-6', 'AA-8', '',     'AA-8', 'AA-8', 'AA-8', 'AA-8', 'AA-8', 'AA-8',  'AA-8', 'AA-8', 'AA-7'],
  answerAccept:       ['',     '',     'AE-7', '',     '',     '',     '',     '',     '',     '',      '',     '',     ''],
  answerReject:       ['',     '',     'AE-8', '',     '',     '',     '',     '',     '',     '',      '',     '',     ''],
  askData:            ['',     '',     '',     '',     '',     'DT-1', '',     'AR-7', '',     '',      '',     '',     ''],
  pduData:            ['',     'AA-1', 'AA-8', '',     'AA-8', 'DT-2', 'AR-6', 'AA-8', 'AA-8', 'AA-8',  'AA-8', 'AA-8', 'AA-6'],
  askRelease:         ['',     '',     '',     '',     '',     'AR-1', '',     '',     '',     '',      '',     '',     ''],
  pduReleaseRq:       ['',     'AA-1', 'AA-8', '',     'AA-8', 'AR-2', 'AR-8', 'AA-8', 'AA-8', 'AA-8',  'AA-8', 'AA-8', 'AA-6'],
  pduReleaseRp:       ['',     'AA-1', 'AA-8', '',     'AA-8', 'AA-8', 'AR-3', 'AA-8', 'AA-8', 'AR-10', 'AR-3', 'AA-8', 'AA-6'],
  answerRelease:      ['',     '',     '',     '',     '',     '',     '',     'AR-4', 'AR-9', '',      '',     'AR-4', ''],
  askAbort:           ['',     '',     'AA-1', 'AA-2', 'AA-1', 'AA-1', 'AA-1', 'AA-1', 'AA-1', 'AA-1',  'AA-1', 'AA-1', ''],
  pduAbort:           ['',     'AA-2', 'AA-3', '',     'AA-3', 'AA-3', 'AA-3', 'AA-3', 'AA-3', 'AA-3',  'AA-3', 'AA-3', 'AA-2'],
  transportClosed:    ['',     'AA-5', 'AA-4', 'AA-4', 'AA-4', 'AA-4', 'AA-4', 'AA-4', 'AA-4', 'AA-4',  'AA-4', 'AA-4', 'AR-5'],
  artimExpired:       ['',     'AA-2', '',     '',     '',     '',     '',     '',     '',     '',      '',     '',     'AA-2'],
  pduInvalid:         ['',     'AA-1', 'AA-8', '',     'AA-8', 'AA-8', 'AA-8', 'AA-8', 'AA-8', 'AA-8',  'AA-8', 'AA-8', 'AA-7'],
};

/**
 * The action for an event in a state. What the table leaves out aborts (AA-8), except where there is no association that
 * could be aborted: Sta1 and Sta13 ignore it, Sta4 gives the transport connection up (AA-2).
 */
export function actionFor(state: State, event: Event): Action {
  const action = TABLE[event][STATES.indexOf(state)];
  if (action !== '') return action;
  if (state === 'Sta1' || state === 'Sta13') return 'none';
  return state === 'Sta4' ? 'AA-2' : 'AA-8';
}

/** The state that `action` leads to; AR-8 depends on who asked for the association. */
export function stateAfter(state: State, action: Action, role: 'requestor' | 'acceptor'): State {
  if (action === 'AR-8' && role === 'acceptor') return 'Sta10';
  return NEXT_STATE[action] ?? state;
}
