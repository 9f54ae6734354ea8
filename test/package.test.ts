/** What `npm publish` would publish: it installs without development tools, its command runs and its API can be imported. */

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
const folder = mkdtempSync(join(tmpdir(), 'tcp-backlog-package-'));
const installed = join(folder, 'node_modules', manifest.name);
const command = join(installed, manifest.bin['tcp-backlog'] as string);

/** Packs as npm does, unpacks as npm does, and links the dependencies that the package declares, so that no network is needed. */
beforeAll(() => {
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { stdio: 'pipe' });
  mkdirSync(installed, { recursive: true });
  const tarball = join(folder, `${manifest.name}-${manifest.version}.tgz`);
  execFileSync('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1']);
  for (const name of Object.keys(manifest.dependencies)) {
    symlinkSync(resolve('node_modules', name), join(folder, 'node_modules', name), 'dir');
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"module","private":true}');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function node(args: readonly string[], input?: Buffer): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', input });
}

describe('the packed package', () => {
  it.each(['README.md', 'LICENSE', 'dist/src/index.d.ts', 'spec/rules.json', 'spec/schema/step.schema.json'])(
    'has %s',
    (file) => {
      expect(existsSync(join(installed, file))).toBe(true);
    },
  );

  it.each(['src', 'test', 'node_modules', 'scripts', 'coverage'])('leaves out %s', (file) => {
    expect(existsSync(join(installed, file))).toBe(false);
  });

  it('is found in order by publint', async () => {
    const { messages } = await publint({ pkgDir: installed, strict: true });
    expect(messages).toEqual([]);
  });

  it('runs its command', () => {
    expect(node([command, '--version'])).toEqual(
      expect.objectContaining({ status: 0, stdout: `${manifest.version}\n`, stderr: '' }),
    );
  });

  it('judges the golden traces that it brings', () => {
    const golden = join(installed, 'fixtures/linux-4.15/named.ndjson.gz');
    const { status, stdout } = node([command, 'replay', '--json', golden]);
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) as string)).toEqual({
      summary: { conforms: 270, violates: 0, undecided: 0, invalid: 0 },
    });
    expect(status).toBe(0);
  });

  it('can be imported', () => {
    const { status, stdout, stderr } = node([
      '--input-type=module',
      '--eval',
      `const api = await import('${manifest.name}'); console.log(typeof api.judgeTrace, typeof api.readTraces)`,
    ]);
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'function function\n', stderr: '' });
  });

  it('has types that compile under strict settings', () => {
    writeFileSync(
      join(folder, 'use.ts'),
      `import { readTraces } from '${manifest.name}';\nfor await (const record of readTraces('-')) record.line.toFixed();\n`,
    );
    const options = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2023', '--types', 'node'];
    const roots = ['--typeRoots', resolve('node_modules/@types')];
    const { status, stdout } = node([resolve('node_modules/typescript/bin/tsc'), ...options, ...roots, 'use.ts']);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  });
});
