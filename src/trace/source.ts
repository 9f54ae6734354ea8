/** Bytes from a file, from a compressed file or from standard input, in chunks. */

import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';

/** Why bytes could not be had; the message is for people. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
}

const CHUNK = 256 * 1024;
/** Smaller, for it may unpack to a thousand times as much. */
const COMPRESSED_CHUNK = 16 * 1024;

/**
 * The bytes of `file`; `-` is standard input, and a name that ends in `.gz` means that they are compressed.
 * @throws {SourceError} after all the bytes that could be had
 */
export async function* bytesOf(file: string): AsyncGenerator<Buffer> {
  const compressed = file.endsWith('.gz');
  const stream =
    file === '-'
      ? process.stdin
      : createReadStream(file, { highWaterMark: compressed ? COMPRESSED_CHUNK : CHUNK, autoClose: true });
  try {
    yield* compressed ? gunzipped(stream as AsyncIterable<Buffer>) : (stream as AsyncIterable<Buffer>);
  } catch (error) {
    throw error instanceof SourceError ? error : new SourceError(reason(error as NodeJS.ErrnoException));
  }
}

/** Unpacks a chunk at a time, so that everything before damaged bytes comes out before the error. */
async function* gunzipped(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip();
  const unpacked: Buffer[] = [];
  let failure: NodeJS.ErrnoException | undefined;
  let settle = (): void => {};
  gunzip.on('data', (chunk: Buffer) => unpacked.push(chunk));
  gunzip.on('error', (error) => {
    failure = error;
    settle();
  });
  gunzip.on('end', () => settle());
  const run = (feed: (done: () => void) => void): Promise<void> =>
    new Promise((resolve) => {
      settle = resolve;
      feed(resolve);
    });
  try {
    for await (const chunk of chunks) {
      await run((done) => gunzip.write(chunk, () => setImmediate(done)));
      yield* unpacked.splice(0);
      if (failure !== undefined) break;
    }
    if (failure === undefined) await run(() => gunzip.end());
    yield* unpacked.splice(0);
  } finally {
    gunzip.destroy();
  }
  if (failure !== undefined) throw new SourceError(reason(failure));
}

function reason({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'ENOENT':
      return 'no such file';
    case 'EISDIR':
      return 'it is a directory';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'Z_BUF_ERROR':
      return 'the compressed data ends too early';
    case 'Z_DATA_ERROR':
      return 'not gzip data, or damaged';
    default:
      return message;
  }
}
