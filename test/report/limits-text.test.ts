import { describe, expect, it } from 'vitest';
import type { KernelVariant } from '../../src/host/variant.js';
import { KERNELS, kernelNamed } from '../../src/kernels.js';
import { limits } from '../../src/report/limits.js';
import { renderLimits } from '../../src/report/limits-text.js';

const [old, recent] = ['2.6.32', '4.15'].map((name) => kernelNamed(name)) as [KernelVariant, KernelVariant];
const all = (backlog: number, sysctls = {}) => KERNELS.map((kernel) => limits(kernel, backlog, sysctls));

/** The lines from the one that begins with `label` to the next label. */
function rowOf(text: string, label: string): string {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.trimStart().startsWith(label));
  const end = lines.findIndex((line, i) => i > start && /^( {0,4}\S|$)/.test(line));
  return lines.slice(start, end).join(' ').replaceAll(/\s+/g, ' ').trim();
}

describe('renderLimits', () => {
  it('answers for one kernel', () => {
    const text = renderLimits([
      limits(recent, 511, { 'net.core.somaxconn': 1024, 'net.ipv4.tcp_max_syn_backlog': 512 }),
    ]);
    expect(rowOf(text, 'listen(fd')).toBe('listen(fd, 511) Linux 4.15');
    expect(rowOf(text, 'limit')).toBe('limit (Send-Q of ss -lnt) 511');
    expect(rowOf(text, 'holds')).toBe('holds 512 connections');
    expect(rowOf(text, 'then a new SYN')).toBe(
      'then a new SYN is answered with a cookie, and nothing is kept; counts SyncookiesSent, TCPReqQFullDoCookies; ' +
        'the kernel log warns (tcp_conn_request/cookie)',
    );
    expect(rowOf(text, 'last quarter')).toBe(
      'last quarter not kept while cookies are on (without them: from 385 requests on)',
    );
  });

  it('says that the default of tcp_max_syn_backlog is not the same on every machine', () => {
    const row = (sysctls: Record<string, number>) =>
      rowOf(renderLimits([limits(recent, 16, sysctls)]), 'tcp_max_syn_backlog');
    expect(row({})).toBe('tcp_max_syn_backlog 128 (the default hangs on memory)');
    expect(row({ 'net.ipv4.tcp_max_syn_backlog': 128 })).toBe('tcp_max_syn_backlog 128');
  });

  it('puts kernels side by side', () => {
    const lines = renderLimits([old, recent].map((kernel) => limits(kernel, 128))).split('\n');
    expect(lines.find((line) => line.startsWith('listen'))).toMatch(/^listen\(fd, 128\) +Linux 2\.6\.32 +Linux 4\.15$/);
    expect(lines.find((line) => line.startsWith('  holds'))).toMatch(/^ {2}holds +129 connections +129 connections$/);
  });

  it('gives kernels of which it says the same one column, and all others their own', () => {
    const head = (kernels: readonly KernelVariant[]): string =>
      rowOf(
        renderLimits(
          kernels.map((kernel) => limits(kernel, 5)),
          { width: 400 },
        ),
        'listen',
      );
    expect(head(KERNELS)).toBe('listen(fd, 5) Linux 2.6.32 Linux 4.15 Linux 5.10, 6.1, 6.12, 7.2');
    const [, , , newer, newest] = KERNELS as [
      KernelVariant,
      KernelVariant,
      KernelVariant,
      KernelVariant,
      KernelVariant,
    ];
    expect(head([newer, recent, newest])).toBe('listen(fd, 5) Linux 6.1 Linux 4.15 Linux 6.12');
  });

  it('begins another table where the columns do not fit beside each other', () => {
    const text = renderLimits(all(16), { width: 80 });
    expect(text.match(/^listen\(fd, 16\)/gm)).toHaveLength(2);
    const narrow = renderLimits(all(16), { width: 40 });
    expect(narrow.match(/^listen\(fd, 16\)/gm)).toHaveLength(3);
    expect(narrow).toContain('Packet backlog');
    expect(narrow.slice(narrow.lastIndexOf('listen(fd'))).toContain('is not modelled');
  });

  it.each([80, 100, 160])('keeps to a width of %i', (width) => {
    for (const line of renderLimits(all(16), { width }).split('\n')) expect(line.length).toBeLessThanOrEqual(width);
  });

  it('says that an accept queue which nobody can reach never is full', () => {
    const text = renderLimits([limits(recent, 0, { 'net.ipv4.tcp_syncookies': 0 })]);
    expect(rowOf(text, 'full: a new SYN')).toBe('full: a new SYN it never is: too few SYNs are admitted');
    expect(text).not.toContain('A request that nobody acknowledges\n  SYN-ACK');
  });

  it('shows an errno of listen and nothing else', () => {
    const [first] = all(16);
    if (first === undefined) throw new Error('no kernel');
    const nothing = {
      acceptQueue: undefined,
      synQueue: undefined,
      schedule: undefined,
      scheduleWhenFull: undefined,
      cookies: undefined,
      packetBacklog: undefined,
    };
    const text = renderLimits([{ ...first, listen: 'ENOMEM', ...nothing }]);
    expect(rowOf(text, 'gives')).toBe('gives ENOMEM');
    expect(text).not.toMatch(/queue|cookie\n/);
  });

  it('shows a setting that the kernel refuses', () => {
    const text = renderLimits([limits(recent, 16, { 'net.core.somaxconn': -1 })]);
    expect(rowOf(text, 'somaxconn')).toBe('somaxconn 128 (the new value is refused: EINVAL)');
  });
});
