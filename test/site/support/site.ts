/** The page as it is hosted: built once, served from a loopback port, looked at with a Chromium that is installed. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { build } from 'vite';

const SITE = resolve(import.meta.dirname, '../../../site');

/** A Chromium: the one that CHROMIUM names, or Debian's; undefined: there is none. */
export const CHROMIUM: string | undefined = [process.env['CHROMIUM'], '/usr/bin/chromium'].find(
  (file) => file !== undefined && existsSync(file),
);

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
};

/** The built page. */
export interface Site {
  readonly folder: string;
  /** The files by their names in the folder. */
  readonly files: readonly string[];
  /** What building it warned of. */
  readonly warnings: readonly string[];
  remove(): void;
}

/** Builds the page into a folder of its own. */
export async function buildSite(): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'backlog-site-'));
  const warnings: string[] = [];
  const warn = (text: string): void => {
    warnings.push(text);
  };
  const quiet = { info: () => {}, warn, warnOnce: warn, error: warn, clearScreen: () => {} };
  await build({
    root: SITE,
    configFile: join(SITE, 'vite.config.ts'),
    logLevel: 'warn',
    customLogger: { ...quiet, hasWarned: false, hasErrorLogged: () => false },
    build: { outDir: folder, emptyOutDir: true },
  });
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return { folder, files, warnings, remove: () => rmSync(folder, { recursive: true }) };
}

/** A server for the files of a folder. */
export async function serve(folder: string): Promise<{ readonly url: string; close(): void }> {
  const server = createServer(({ url = '/' }, response) => {
    const path = new URL(url, 'http://localhost').pathname;
    const file = join(folder, path === '/' ? 'index.html' : path);
    if (!file.startsWith(folder) || !existsSync(file)) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'text/plain' }).end(readFileSync(file));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

/** Chromium, without anything that it does on its own. */
export const launch = (): Promise<Browser> =>
  chromium.launch({
    ...(CHROMIUM === undefined ? {} : { executablePath: CHROMIUM }),
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
