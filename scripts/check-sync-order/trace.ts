// Reads what strace -f -yy wrote about a gateway that one association sends to, one instance after another.

export interface SyncOrder {
  /** P-DATA-TF PDUs that the gateway sent after the first record began: its C-STORE responses. */
  readonly responses: number;
  /** Responses that left while fewer records than responses were on the disk. */
  readonly early: number;
}

/** `1234 pwritev(21</data/spool/segment-000001>, [{iov_base="LETH\1\0"…` */
const CALL = /^(\d+)\s+(\w+)\((.*)$/;
const RESUMED = /^(\d+)\s+<\.\.\. (\w+) resumed>.*= (\d+)/;
/** The record's magic number (src/spool/record-format.ts). */
const RECORD = /^\d+<[^>]*\/spool\/[^>]*>, \[\{iov_base="LETH/;

/** @param port that the gateway listens on */
export function judgeTrace(trace: string, port: number): SyncOrder {
  const synced = new Set<string>();
  const underWay = new Set<string>();
  let durable = 0;
  let responses = 0;
  let early = 0;
  for (const line of trace.split('\n')) {
    const resumed = RESUMED.exec(line);
    if (resumed !== null) {
      if (underWay.delete(`${resumed[1]} ${resumed[2]}`) && Number(resumed[3]) > 0) durable++;
      continue;
    }
    const call = CALL.exec(line);
    if (call === null) continue;
    const [, pid, name, rest] = call;
    if (name === 'openat' && rest.includes('O_DSYNC')) synced.add(/"([^"]*)"/.exec(rest)?.[1] ?? '');
    else if (name === 'pwritev' && RECORD.test(rest) && isSynced(rest, synced)) {
      if (rest.includes('<unfinished')) underWay.add(`${pid} ${name}`);
      else if (/= [1-9]\d*$/.test(rest)) durable++;
    } else if (rest.includes(`:${port}->`) && /"\\4\\0/.test(rest)) {
      // An echo before the first instance is answered by a P-DATA-TF too.
      if (durable === 0 && underWay.size === 0) continue;
      responses++;
      if (responses > durable) early++;
    }
  }
  return { responses, early };
}

/** strace cuts long paths short in neither place: both are the path that the gateway opened. */
function isSynced(rest: string, synced: ReadonlySet<string>): boolean {
  const path = /^\d+<([^>]*)>/.exec(rest)?.[1] ?? '';
  return [...synced].some((opened) => opened !== '' && opened.endsWith('/' + path.split('/').slice(-2).join('/')));
}
