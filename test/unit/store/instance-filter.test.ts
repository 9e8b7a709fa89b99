import { describe, expect, it } from 'vitest';
import { InstanceFilter, keyOfInstance } from '../../../src/store/instance-filter.ts';

const key = (number: number): Buffer => keyOfInstance('lung', `1.2.3.${number}`);

describe('the memory of instances that came lately', () => {
  it('knows what was added, by project and UID', () => {
    const filter = new InstanceFilter();
    expect(filter.add(keyOfInstance('lung', '1.2.3'))).toBe(false);
    expect(filter.add(keyOfInstance('lung', '1.2.3'))).toBe(true);
    expect(filter.add(keyOfInstance('heart', '1.2.3'))).toBe(false);
    expect(filter.add(keyOfInstance('lung', '1.2.30'))).toBe(false);
  });

  it('takes nothing new for known', () => {
    const filter = new InstanceFilter(1 << 16);
    let known = 0;
    for (let number = 0; number < 60_000; number++) if (filter.add(key(number))) known++;
    expect(known).toBe(0);
  });

  it('knows the last ones up to its capacity however many came, and forgets those long ago', () => {
    const filter = new InstanceFilter(1_000);
    for (let number = 0; number < 10_000; number++) filter.add(key(number));
    expect(filter.add(key(0))).toBe(false);
    expect(filter.add(key(7_000))).toBe(false);
    for (let number = 9_999; number > 9_100; number--) expect(filter.add(key(number))).toBe(true);
  });

  it('goes on knowing what comes again and again', () => {
    const filter = new InstanceFilter(100);
    filter.add(key(-1));
    for (let number = 0; number < 5_000; number++) {
      filter.add(key(number));
      if (number % 50 === 0) expect(filter.add(key(-1))).toBe(true);
    }
  });

  it('bears a key of zeros', () => {
    const filter = new InstanceFilter(10);
    expect(filter.add(Buffer.alloc(8))).toBe(false);
    expect(filter.add(Buffer.alloc(8))).toBe(true);
  });
});
