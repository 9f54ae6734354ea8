import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemSysctls } from '../../src/cli/system-sysctls.js';

describe('systemSysctls', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sysctls-'));
    mkdirSync(join(folder, 'net/core'), { recursive: true });
    writeFileSync(join(folder, 'net/core/somaxconn'), '4096\n');
    writeFileSync(join(folder, 'net/core/words'), '1 2 3\n');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('reads what the machine has, and leaves out what it lacks and what is no number', () => {
    const names = ['net.core.somaxconn', 'net.core.words', 'net.ipv4.tcp_syncookies'];
    expect(systemSysctls(names, folder)).toEqual({ 'net.core.somaxconn': 4096 });
  });

  it('says so where there is none of them', () => {
    expect(() => systemSysctls(['net.ipv4.tcp_syncookies'], folder)).toThrow('has none of net.ipv4.tcp_syncookies');
  });
});
