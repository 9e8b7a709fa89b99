// Events of one batch put together into messages: what differs in time only is told once, with its count.
import type { RecordedEvent, TransferEvent } from './event.ts';

/** Instances of one study of one patient between two parties, with one outcome (A.5.3.7: "a single patient"). */
export interface TransferGroup {
  readonly transfers: true;
  readonly first: RecordedEvent & TransferEvent;
  /** Of the last one, in milliseconds since the epoch. */
  lastAt: number;
  /** How many there were, by SOP class. */
  readonly instances: Map<string, number>;
}

export type EventGroup = TransferGroup | { readonly event: Exclude<RecordedEvent, TransferEvent>; count: number };

/** In the order of their first events. */
export function gatherEvents(events: readonly RecordedEvent[]): readonly EventGroup[] {
  const groups = new Map<string, EventGroup>();
  for (const event of events) {
    const key = keyOf(event);
    const group = groups.get(key);
    if (!isTransfer(event)) {
      if (group === undefined) groups.set(key, { event, count: 1 });
      else if ('count' in group) group.count++;
      continue;
    }
    const { sopClassUid, at } = event;
    if (group === undefined)
      groups.set(key, { transfers: true, first: event, lastAt: at, instances: new Map([[sopClassUid, 1]]) });
    else if ('transfers' in group) {
      group.lastAt = at;
      group.instances.set(sopClassUid, (group.instances.get(sopClassUid) ?? 0) + 1);
    }
  }
  return [...groups.values()];
}

function isTransfer(event: RecordedEvent): event is RecordedEvent & TransferEvent {
  return 'sopClassUid' in event;
}

/** All but the time, and the SOP class that is counted. */
function keyOf(event: RecordedEvent): string {
  const { at, ...rest } = event;
  const isGathered = isTransfer(event) || rest.kind === 'refused' || rest.kind === 'authenticated';
  return JSON.stringify(isGathered ? { ...rest, sopClassUid: undefined } : [at, rest]);
}
