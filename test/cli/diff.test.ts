/** `diff` as a command: what it prints, and what it saves. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Folder } from './transcript.js';

const folder = new Folder();
const RUNS = ['--runs', '1'];

describe('diff', () => {
  it('prints each difference with a scenario and what both kernels do', { timeout: 120_000 }, async () => {
    const rule = ['--rule', 'tcp_v4_conn_request/broadcast'];
    expect(await folder.run('diff', '2.6.32', '4.15', ...rule, ...RUNS)).toEqual({
      status: 0,
      out: `A SYN: Broadcast
  2.6.32  tcp_v4_conn_request/broadcast: A SYN to a broadcast or multicast address is dropped, and no counter moves.
    scenario  diff-tcp_v4_conn_request.broadcast-2.6.32: listen(fd, 0); SYN from peer 1, seq 1000, to a broadcast address
    step      2
    2.6.32    nothing of that
    4.15      ListenDrops +1
  4.15  tcp_v4_conn_request/broadcast: A SYN to a broadcast or multicast address is dropped and counts ListenDrops.
    scenario  diff-tcp_v4_conn_request.broadcast-2.6.32: listen(fd, 0); SYN from peer 1, seq 1000, to a broadcast address
    step      2
    2.6.32    nothing of that
    4.15      ListenDrops +1

2 differences: 2 shown by 1 scenarios, 0 where the other kernel does the same, 0 explained, 0 not found
`,
      err: '',
    });
  });

  it('saves traces that replay, and tells rows as JSON', { timeout: 120_000 }, async () => {
    const saved = join(folder.path, 'saved');
    const args = ['--rule', 'tcp_check_req/duplicate-syn*', '--save', saved, '--json', '--seed', '5', ...RUNS];
    const { status, out } = await folder.run('diff', '2.6.32', '4.15', ...args);
    expect(status).toBe(0);
    const rows = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { label: string; scenario?: string; reason?: string });
    expect(rows.map(({ label }) => label)).toContain('tcp_check_req/duplicate-syn-rate-limited');
    for (const { scenario, reason } of rows) expect(scenario ?? reason).toBeDefined();
    const files = readdirSync(saved);
    for (const { scenario } of rows) if (scenario !== undefined) expect(files).toContain(`${scenario}.ndjson`);
    const replayed = await folder.run('replay', ...files.map((name) => join('saved', name)));
    expect(replayed).toMatchObject({ status: 0, err: '' });
    expect(replayed.out).toContain(`${2 * files.length} conform, 0 violate`);
  });

  it.each([
    [['2.6.32', '2.6.32'], 'tcp-backlog: 2.6.32 and 2.6.32 are the same kernel\n'],
    [['2.6.32', '5.4'], 'tcp-backlog: no such kernel: "5.4" (there are 2.6.32, 4.15, 5.10, 6.1, 6.12, 7.2)\n'],
  ])('refuses %j', async (names, err) => {
    expect(await folder.run('diff', ...names)).toEqual({ status: 2, out: '', err });
  });

  it('refuses a pattern that nothing fits', async () => {
    const { status, err } = await folder.run('diff', '2.6.32', '4.15', '--rule', 'no/such*', ...RUNS);
    expect({ status, err }).toEqual({ status: 2, err: 'tcp-backlog: no difference is called no/such*\n' });
  });
});
