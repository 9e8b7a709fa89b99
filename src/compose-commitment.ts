// The composition of storage commitment that we ask destinations for: who reports where, and who may come to report.
import type { Config } from './config/config.ts';
import type { CommitmentReport, CommitmentReports } from './pipeline/commitment-ports.ts';
import type { CommittingDestination } from './pipeline/committing-destination.ts';
import type { StoreProvider } from './pipeline/ports.ts';
import type { ReportFiles } from './spool/report-files.ts';

/** Where reports are taken. */
export interface ReportTaker extends CommitmentReports {
  /** No destination is asked for storage commitment. */
  readonly isEmpty: boolean;
}

/** Processing failure, and not authorized (PS3.7 Annex C). */
const NOT_OURS = 0x0110;
const NOT_AUTHORIZED = 0x0124;

/** Gives reports to the destination of this process that asked. */
export class ReportDesk implements ReportTaker {
  readonly #destinations = new Map<string, CommittingDestination[]>();

  add(aeTitle: string, destination: CommittingDestination): void {
    this.#destinations.set(aeTitle, [...(this.#destinations.get(aeTitle) ?? []), destination]);
  }

  /** No destination is asked. */
  get isEmpty(): boolean {
    return this.#destinations.size === 0;
  }

  expects(aeTitle: string): boolean {
    return this.#destinations.has(aeTitle);
  }

  take(aeTitle: string, report: CommitmentReport): number {
    const asked = this.#destinations.get(aeTitle)?.find((destination) => destination.knows(report.transactionUid));
    return asked?.takeReport(report) ?? NOT_OURS;
  }
}

/** Gives reports to whichever process asked. */
export class SharedReportDesk implements ReportTaker {
  readonly #aeTitles: ReadonlySet<string>;
  readonly #files: ReportFiles;

  constructor(config: Config, files: ReportFiles) {
    const asked = Object.values(config.destinations).filter(({ delivery }) => delivery.commitment !== undefined);
    this.#aeTitles = new Set(asked.flatMap((place) => (place.kind === 'dicom' ? [place.aeTitle] : [])));
    this.#files = files;
  }

  get isEmpty(): boolean {
    return this.#aeTitles.size === 0;
  }

  expects(aeTitle: string): boolean {
    return this.#aeTitles.has(aeTitle);
  }

  take(_aeTitle: string, report: CommitmentReport): Promise<number> {
    return this.#files.take(report);
  }
}

/**
 * The door with reports: a destination that was asked for storage commitment may come to our own AE title to report, also when it is no source. It may
 * send no instance then. Nobody can report what was not asked for: nobody else knows the transaction UID.
 */
export function admitReporters(provider: StoreProvider, desk: ReportTaker, ownAeTitle: string): StoreProvider {
  if (desk.isEmpty) return provider;
  /** Calling and called AE title and address of those who may do nothing else. */
  const reporters = new Set<string>();
  const keyOf = (of: { callingAeTitle: string; calledAeTitle: string; peerAddress: string }): string =>
    JSON.stringify([of.callingAeTitle, of.calledAeTitle, of.peerAddress]);
  return {
    admit(request) {
      const rejection = provider.admit(request);
      const isReporter = desk.expects(request.callingAeTitle) && request.calledAeTitle === ownAeTitle;
      if (!isReporter) return rejection;
      if (rejection === undefined) reporters.delete(keyOf(request));
      else reporters.add(keyOf(request));
      return undefined;
    },
    begin(facts) {
      const isReporter = reporters.has(keyOf(facts)) && provider.admit(facts) !== undefined;
      return isReporter ? NOT_AUTHORIZED : provider.begin(facts);
    },
    onRefused(refusal) {
      provider.onRefused?.(refusal);
    },
    get commitment() {
      return provider.commitment;
    },
    reports: desk,
  };
}
