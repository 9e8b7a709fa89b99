// IP networks in CIDR form, as `sources` in the configuration names them (RFC 4632, RFC 4291 2.3).
import { BlockList, isIP } from 'node:net';

/** A set of addresses: one address or a CIDR block. */
export interface Network {
  /** As written in the configuration. */
  readonly text: string;
  /** Whether a numeric peer address lies inside. An IPv4 address mapped into IPv6 (`::ffff:10.1.2.3`) counts as IPv4. */
  contains(address: string): boolean;
}

const PREFIX_LENGTH = /^\d{1,3}$/;

/** The network of `10.1.2.0/24`, `10.1.2.3`, `fd00::/8`; undefined when the text is neither an address nor a CIDR block. */
export function parseNetwork(text: string): Network | undefined {
  const parts = text.trim().split('/');
  const address = parts[0];
  const version = isIP(address);
  if (version === 0 || parts.length > 2) return undefined;
  const maxBits = version === 4 ? 32 : 128;
  if (parts.length === 2 && !PREFIX_LENGTH.test(parts[1])) return undefined;
  const bits = parts.length === 2 ? Number(parts[1]) : maxBits;
  if (bits > maxBits) return undefined;
  const list = new BlockList();
  list.addSubnet(address, bits, version === 4 ? 'ipv4' : 'ipv6');
  return {
    text,
    contains(candidate) {
      const plain = unmapAddress(candidate);
      const family = isIP(plain);
      return family !== 0 && list.check(plain, family === 4 ? 'ipv4' : 'ipv6');
    },
  };
}

/** `::ffff:10.1.2.3` → `10.1.2.3`; a zone (`fe80::1%eth0`) is cut off. Anything else as it came. */
export function unmapAddress(address: string): string {
  const bare = address.split('%')[0];
  return bare.toLowerCase().startsWith('::ffff:') && bare.includes('.') ? bare.slice(7) : bare;
}

/** Whether the peer is this machine itself. */
export function isLoopback(address: string): boolean {
  const plain = unmapAddress(address);
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'));
}
