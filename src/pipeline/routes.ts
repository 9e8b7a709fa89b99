// Which project, profile and destinations an instance gets: decided by the AE title that the sender called.

export interface Route {
  readonly calledAeTitle: string;
  readonly project: string;
  /** Name of the profile. */
  readonly profile: string;
  /** Names of destinations. */
  readonly destinations: readonly string[];
  /** What storage commitment promises: that the instance is held durably, or that every destination has its clean twin. Default custody. */
  readonly commitment?: 'custody' | 'delivered' | undefined;
  /** What becomes of an instance that was delivered before, the same bit by bit. Default hold. */
  readonly repeats?: 'hold' | 'send' | undefined;
}

/** Called AE title, without padding, → route. */
export type Routes = ReadonlyMap<string, Route>;

export function routesByAeTitle(routes: readonly Route[]): Routes {
  return new Map(routes.map((route) => [route.calledAeTitle.trim(), route]));
}
