import { describe, expect, it } from 'vitest';
import { escapeHtml, explainHtml } from '../../../../src/cli/profile/explain-html.ts';

const HEADING = { profile: '<b>', version: 1, digest: 'd', methods: [], notice: '' };
const ROW = { path: '(0010,0010)', tag: '(0010,0010)', name: '', creator: '', vr: 'PN', rule: '', after: '' } as const;

describe('the page of an explanation', () => {
  it('lets nothing of an instance become markup', () => {
    const attack = `<script>alert(1)</script>"'&\u202e\u0000`;
    const page = [...explainHtml(HEADING, [{ ...ROW, before: attack, action: 'remove' }])].join('');
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;\uFFFD\uFFFD');
    expect(page).not.toMatch(/<script|<b>|\u202e|\u0000/);
    expect(page).toContain("default-src 'none'");
  });

  it('leaves letters of any script as they are', () => {
    expect(escapeHtml('M\u00fcller 山田')).toBe('M\u00fcller 山田');
  });
});
