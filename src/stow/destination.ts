// A destination by STOW-RS: one instance per request, what the answer says turned into an outcome. Never retries by itself, but for a
// connection that had been closed while it was idle.
import { InstanceError, LetheError } from '../core/errors.ts';
import type { CleanInstance, DeliveryOutcome, Destination } from '../pipeline/ports.ts';
import { describeStatus } from '../standard/statuses.ts';
import { StowClient } from './client.ts';
import type { StowAnswer, StowClientOptions } from './client.ts';
import { readStoreResponse } from './store-response.ts';

export interface StowDestinationOptions extends StowClientOptions {
  /** Name in the configuration. */
  readonly name: string;
}

/** Referenced Transfer Syntax Not Supported (PS3.18 I.2.2). */
const TRANSFER_SYNTAX_NOT_SUPPORTED = 0xc122;
/** Failure reasons that tell of the server's state, as with C-STORE. 0xA7xx is out of resources. */
const PASSING_REASONS: ReadonlySet<number> = new Set([0x0110, 0x0213]);
const UNSUPPORTED_MEDIA_TYPE = 415;

/** What HTTP says of this instance alone (RFC 9110 15.5): another one may fare better, this one will not. */
const REFUSALS: Readonly<Record<number, string>> = {
  400: 'bad request',
  409: 'not stored',
  411: 'length required',
  413: 'too large',
  [UNSUPPORTED_MEDIA_TYPE]: 'the transfer syntax is not supported',
  422: 'not processable',
};

/** What HTTP says of the server or of how it is addressed: nothing will be taken until somebody mends it. */
const TROUBLES: Readonly<Record<number, string>> = {
  401: 'it does not know who we are; look at token, user and password',
  403: 'it does not let us store',
  404: 'there is no such service; look at the address',
  405: 'it does not take STOW-RS there; look at the address',
  407: 'a proxy wants to know who we are',
  408: 'it waited too long',
  429: 'too many requests',
  500: 'it failed',
  501: 'it has no STOW-RS',
  502: 'a gateway before it failed',
  503: 'it is busy or down',
  504: 'a gateway before it waited too long',
};

export function createStowDestination(options: StowDestinationOptions): Destination {
  return new StowDestination(options);
}

class StowDestination implements Destination {
  readonly name: string;
  readonly concurrency: number;
  readonly #client: StowClient;
  readonly #running = new Set<Promise<DeliveryOutcome>>();
  /** Transfer syntaxes that it did not take: the next instance in one is converted at once. */
  readonly #unsupported = new Set<string>();
  #isClosed = false;

  constructor(options: StowDestinationOptions) {
    this.name = options.name;
    this.concurrency = options.connections;
    this.#client = new StowClient(options);
  }

  async deliver(instance: CleanInstance): Promise<DeliveryOutcome> {
    if (this.#isClosed) return { kind: 'unavailable', text: 'the destination is closed' };
    const running = this.#deliver(instance).catch(outcomeOfError);
    this.#running.add(running);
    const outcome = await running;
    this.#running.delete(running);
    return outcome;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#running);
    this.#client.close();
  }

  async #deliver(instance: CleanInstance): Promise<DeliveryOutcome> {
    const known = [instance.transferSyntaxUid, ...instance.alternatives];
    const hopeful = known.filter((uid) => !this.#unsupported.has(uid));
    let outcome: DeliveryOutcome | undefined;
    for (const transferSyntaxUid of hopeful.length > 0 ? hopeful : known) {
      const answer = await this.#store(instance, transferSyntaxUid);
      if (!isAboutTransferSyntax(answer, instance.sopInstanceUid))
        return outcomeOfAnswer(answer, instance.sopInstanceUid);
      this.#unsupported.add(transferSyntaxUid);
      outcome = outcomeOfAnswer(answer, instance.sopInstanceUid);
    }
    return outcome ?? { kind: 'unavailable', text: 'there is no transfer syntax to send it in' };
  }

  async #store(instance: CleanInstance, transferSyntaxUid: string): Promise<StowAnswer> {
    const { sopClassUid, sopInstanceUid } = instance;
    const plan = await instance.encode(transferSyntaxUid);
    return this.#client.store({ sopClassUid, sopInstanceUid, transferSyntaxUid, plan });
  }
}

function isAboutTransferSyntax({ status, mediaType, body }: StowAnswer, sopInstanceUid: string): boolean {
  if (status === UNSUPPORTED_MEDIA_TYPE) return true;
  if (status !== 409 && status !== 202) return false;
  const result = readStoreResponse(mediaType, body ?? '', sopInstanceUid);
  return result.kind === 'failed' && result.failureReason === TRANSFER_SYNTAX_NOT_SUPPORTED;
}

/** What an answer means for the one instance that was sent (PS3.18 table 10.5.3-1). Only what says that it is stored counts as sent. */
export function outcomeOfAnswer(
  { status, mediaType, body, retryAfterMs }: StowAnswer,
  sopInstanceUid: string,
): DeliveryOutcome {
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (status === 200 || status === 202 || status === 409) {
    const result = readStoreResponse(mediaType, body ?? '', sopInstanceUid);
    if (result.kind === 'failed') return outcomeOfReason(status, result.failureReason, wait);
    if (status !== 409) {
      if (result.kind === 'stored') return { kind: 'sent', status: result.warningReason };
      // 200 says that all were stored; what comes with it may be left out by a server, but not contradict it.
      if (status === 200 && body === '') return { kind: 'sent', status: 0 };
      const text = `HTTP ${status}, but the answer does not tell that the instance was stored`;
      return { kind: 'unavailable', text, isAnswered: true, ...wait };
    }
  }
  const refusal = status in REFUSALS ? REFUSALS[status] : undefined;
  if (refusal !== undefined) return { kind: 'refused', status: undefined, text: `HTTP ${status}: ${refusal}` };
  if (status >= 300 && status < 400)
    return {
      kind: 'unavailable',
      text: `HTTP ${status}: it redirects, which is not followed; configure the address that it means`,
    };
  const trouble = status in TROUBLES ? TROUBLES[status] : 'an answer that STOW-RS does not know';
  // 500 may be the fault of the instance; the others are not.
  return { kind: 'unavailable', text: `HTTP ${status}: ${trouble}`, isAnswered: status === 500, ...wait };
}

function outcomeOfReason(
  status: number,
  reason: number | undefined,
  wait: { readonly retryAfterMs?: number },
): DeliveryOutcome {
  if (reason === undefined) return { kind: 'refused', status: undefined, text: `HTTP ${status}: not stored` };
  const words =
    reason === TRANSFER_SYNTAX_NOT_SUPPORTED ? 'transfer syntax not supported' : describeStatus(reason).text;
  const text = `HTTP ${status}, failure reason 0x${reason.toString(16).toUpperCase().padStart(4, '0')}: ${words}`;
  const isPassing = PASSING_REASONS.has(reason) || reason >> 8 === 0xa7;
  return isPassing
    ? { kind: 'unavailable', text, isAnswered: true, ...wait }
    : { kind: 'refused', status: reason, text };
}

/** An instance that cannot be encoded or read is refused, everything else may pass. */
function outcomeOfError(error: unknown): DeliveryOutcome {
  if (error instanceof InstanceError)
    return { kind: 'refused', status: undefined, text: `${error.code}: ${error.message}` };
  if (error instanceof LetheError) return { kind: 'unavailable', text: `${error.code}: ${error.message}` };
  return { kind: 'unavailable', text: 'the instance could not be sent' };
}
