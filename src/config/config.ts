// The configuration as the program uses it: complete, absolute paths, frozen.
import type { AeTitle } from '../core/brands.ts';
import type { Destination } from './destinations.ts';
import type { Settings } from './schema.ts';

/** What happens to instances that are sent to one called AE title. */
export interface RouteConfig {
  readonly calledAeTitle: AeTitle;
  readonly project: string;
  /** A name, or an absolute path of a YAML file; with `#routes.0.profile` behind it, what stands there in the file. */
  readonly profile: string;
  /** Names of destinations, at least one. */
  readonly destinations: readonly string[];
  readonly commitment: 'custody' | 'delivered';
  readonly repeats: 'hold' | 'send';
}

/** Where health, metrics and the REST API are served. */
export interface HttpConfig {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly token: string | undefined;
  /** Nothing was written about it: who cannot listen there goes on without. */
  readonly isDefault: boolean;
}

/** Options are described in schema.ts. Paths are absolute; sizes are bytes; times are seconds. */
export interface Config extends DeepReadonly<Omit<Settings, 'destinations' | 'routes' | 'http'>> {
  /** The file that was read; undefined when there was none. */
  readonly file: string | undefined;
  /** At least one. */
  readonly destinations: Readonly<Record<string, Destination>>;
  /** At least one; called AE titles are unique. */
  readonly routes: readonly RouteConfig[];
  /** Undefined: switched off. */
  readonly http: HttpConfig | undefined;
  /** Where profiles are looked for by name, first match wins. */
  readonly profileDirectories: readonly string[];
}

type DeepReadonly<T> = T extends string | number | boolean | undefined
  ? T
  : { readonly [Key in keyof T]: DeepReadonly<T[Key]> };
