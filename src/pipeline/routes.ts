// Which project, profile and destinations an instance gets: decided by the AE title that the sender called.

export interface Route {
  readonly calledAeTitle: string;
  readonly project: string;
  /** Name of the profile. */
  readonly profile: string;
  /** Names of destinations. */
  readonly destinations: readonly string[];
}

/** Called AE title, without padding, → route. */
export type Routes = ReadonlyMap<string, Route>;

export function routesByAeTitle(routes: readonly Route[]): Routes {
  return new Map(routes.map((route) => [route.calledAeTitle.trim(), route]));
}
