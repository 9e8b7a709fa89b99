// The places for associations that may be open at once, in all and per peer address; shared by the listeners of one gateway.

export interface PlaceLimits {
  /** Associations open at once. Default 100. */
  readonly maxAssociations?: number;
  /** The same for one peer address. Default: no limit of its own. */
  readonly maxAssociationsPerPeer?: number;
}

const DEFAULT_ASSOCIATIONS = 100;

export class AssociationPlaces {
  readonly #limits: PlaceLimits;
  readonly #perPeer = new Map<string, number>();
  #taken = 0;

  constructor(limits: PlaceLimits) {
    this.#limits = limits;
  }

  /** Takes a place. Undefined when it could; else which limit stands against it. */
  claim(peerAddress: string): 'all' | 'peer' | undefined {
    const { maxAssociations = DEFAULT_ASSOCIATIONS, maxAssociationsPerPeer = Infinity } = this.#limits;
    const ofPeer = this.#perPeer.get(peerAddress) ?? 0;
    if (this.#taken >= maxAssociations) return 'all';
    if (ofPeer >= maxAssociationsPerPeer) return 'peer';
    this.#perPeer.set(peerAddress, ofPeer + 1);
    this.#taken++;
    return undefined;
  }

  free(peerAddress: string): void {
    const ofPeer = (this.#perPeer.get(peerAddress) ?? 1) - 1;
    if (ofPeer === 0) this.#perPeer.delete(peerAddress);
    else this.#perPeer.set(peerAddress, ofPeer);
    this.#taken--;
  }
}
