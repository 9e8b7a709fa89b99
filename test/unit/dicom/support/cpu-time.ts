// What work costs this process, whatever else runs on the machine.

/** CPU milliseconds that `work` took. */
export function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
