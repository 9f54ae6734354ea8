import { describe, expect, it } from 'vitest';
import { MAX_LINE, TraceDecoder } from '../../src/trace/decode.js';
import { decode, file, header, listen, summary, syn } from './lines.js';

const good = [header, listen, syn];

describe('a trace file', () => {
  it('gives its headers and steps with their lines', () => {
    expect(summary(decode(file(...good, ...good)))).toEqual([
      'header 1',
      'step 2',
      'step 3',
      'header 4',
      'step 5',
      'step 6',
    ]);
  });

  it('gives the values that were written', () => {
    expect(decode(file(...good)).map((record) => (record.kind === 'invalid' ? record : record.value))).toEqual(good);
  });

  it.each([1, 7, 100, 1000])('is the same in chunks of %i bytes', (size) => {
    const bytes = file(...good, 'nonsense', ...good);
    expect(decode(bytes, size)).toEqual(decode(bytes));
  });

  it('needs no newline at its end', () => {
    const bytes = file(...good);
    expect(summary(decode(bytes.subarray(0, -1)))).toEqual(['header 1', 'step 2', 'step 3']);
  });

  it('may have empty lines and carriage returns', () => {
    const text = `\n${good.map((line) => JSON.stringify(line)).join('\r\n\r\n\n')}\r\n`;
    expect(summary(decode(Buffer.from(text)))).toEqual(['header 2', 'step 5', 'step 8']);
  });

  it('may hold letters beyond ASCII wherever JSON may', () => {
    const escaped = JSON.stringify(listen).replace('{', '{"\u00e4":1,');
    expect(summary(decode(file(header, escaped)))).toEqual(['header 1', '2 $["\\u00e4"]: unknown field']);
  });
});

describe('an invalid line', () => {
  it.each<[string, string | Buffer, string]>([
    ['no JSON', 'hello', 'not JSON'],
    ['JSON that breaks off', '{"at":1', 'not JSON: it ends too early'],
    ['JSON with something after it', '{"at":1} x', 'not JSON at column 10'],
    ['NaN', '{"at":NaN}', 'not JSON'],
    ['a number', '5', '$: expected an object, got 5'],
    ['null', 'null', '$: expected an object, got null'],
    ['an array', '[[[]]]', '$: expected an object, got an array'],
    ['text', '"\\u001b[31m"', '$: expected an object, got "\\u001b[31m"'],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d, 0x0a]), 'not UTF-8'],
    ['a surrogate in UTF-8', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22, 0x0a]), 'not UTF-8'],
  ])('%s is told apart, and the next trace goes on', (_, line, message) => {
    const bytes = Buffer.concat([
      file(...good, header),
      typeof line === 'string' ? file(line) : line,
      file(listen, syn, ...good),
    ]);
    expect(summary(decode(bytes))).toEqual([
      ...['header 1', 'step 2', 'step 3', 'header 4', `5 ${message}`],
      ...['header 8', 'step 9', 'step 10'],
    ]);
  });

  it('is reported once for a trace', () => {
    expect(summary(decode(file(header, 'x', 'y', listen, 'z', header, 'w')))).toEqual([
      'header 1',
      '2 not JSON',
      'header 6',
      '7 not JSON',
    ]);
  });

  it('is each of two headers in a row that are wrong', () => {
    expect(summary(decode(file({ ...header, trace: 2 }, listen, { ...header, trace: '1' }, listen)))).toEqual([
      '1 $.trace: unknown format version 2: this reads version 1',
      '3 $.trace: unknown format version "1": this reads version 1',
    ]);
  });

  it('is a step before any header, once', () => {
    expect(summary(decode(file(listen, syn, header, listen)))).toEqual([
      '1 $: a step before any header (a line with the key "trace")',
      'header 3',
      'step 4',
    ]);
  });
});

describe('a line that is too long', () => {
  const long = (bytes: number): Buffer => Buffer.alloc(bytes, 0x20);

  it('is refused without being kept', () => {
    const decoder = new TraceDecoder();
    const records = decoder.decode(file(header));
    const chunk = long(2 ** 16);
    const before = process.memoryUsage().arrayBuffers;
    for (let fed = 0; fed < 100 * 2 ** 20; fed += chunk.length) {
      records.push(...decoder.decode(Buffer.from(chunk)));
    }
    global.gc?.();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(80 * 2 ** 20);
    records.push(...decoder.decode(Buffer.concat([Buffer.from('\n'), file(...good)])));
    expect(summary(records)).toEqual(['header 1', '2 a line of more than 16 MiB', 'header 3', 'step 4', 'step 5']);
  });

  it('is one byte longer than a line may be', () => {
    const padded = (bytes: number): Buffer =>
      Buffer.concat([long(bytes - JSON.stringify(header).length), file(header)]);
    expect(summary(decode(padded(MAX_LINE), 2 ** 16))).toEqual(['header 1']);
    expect(summary(decode(padded(MAX_LINE + 1), 2 ** 16))).toEqual(['1 a line of more than 16 MiB']);
  });

  it('is refused at the end of a file too', () => {
    expect(summary(decode(long(MAX_LINE + 1), 2 ** 16))).toEqual(['1 a line of more than 16 MiB']);
  });
});
