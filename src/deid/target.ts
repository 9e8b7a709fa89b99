// An attribute at its place: what a decision is made about.
import type { Place } from './place.ts';

export interface Target {
  readonly place: Place;
  readonly tag: number;
  readonly vr: string;
  /** Private creator of the attribute's block; empty when nobody reserved it, undefined for standard attributes. */
  readonly creator: string | undefined;
}
