import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { modelSubject } from '../../src/conformance/model-subject.js';
import type { Subject } from '../../src/conformance/subject.js';
import type { AdapterAnswer } from '../../src/generated/types.js';
import { linux_4_15 } from '../../src/linux-4.15/index.js';
import { readRequest, serve } from '../../src/live/serve.js';

/** What a subject answers to these bytes. */
async function answers(
  bytes: string | readonly Buffer[],
  subject: Subject = modelSubject(linux_4_15),
): Promise<AdapterAnswer[]> {
  const input = new PassThrough();
  const output = new PassThrough();
  const served = serve(() => subject, input, output);
  for (const chunk of typeof bytes === 'string' ? [Buffer.from(bytes)] : bytes) input.write(chunk);
  input.end();
  await served;
  output.end();
  return (await text(output))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

const HELLO = '{"type":"hello","id":1,"protocol":1,"kernel":"4.15"}\n';
const RESET = '{"type":"reset","id":2,"sysctl":{"net.core.somaxconn":-1},"sockopt":{}}\n';
const LISTEN = '{"type":"apply","id":3,"at":0,"event":{"syscall":"listen","backlog":2}}\n';
const SYN = '{"type":"apply","id":4,"at":0,"event":{"segments":[{"peer":7,"flags":["SYN"],"seq":9}]}}\n';
const OBSERVE = '{"type":"observe","id":5}\n';
const STOP = '{"type":"stop","id":6}\n';

describe('a subject as a program', () => {
  it('answers each request, until it is asked to stop', async () => {
    const [hello, reset, listen, syn, observe, stop, ...rest] = await answers(
      HELLO + RESET + LISTEN + SYN + OBSERVE + STOP + OBSERVE,
    );
    expect(hello).toEqual({ type: 'hello', id: 1, protocol: 1, capabilities: modelSubject(linux_4_15).capabilities });
    expect(reset).toEqual({ type: 'reset', id: 2, refused: { 'net.core.somaxconn': 'EINVAL' } });
    expect(listen).toEqual({ type: 'apply', id: 3, outcome: { result: 0, out: [] } });
    expect(syn).toMatchObject({
      type: 'apply',
      id: 4,
      outcome: { out: [{ peer: 7, flags: ['SYN', 'ACK'], ack: 10 }] },
    });
    expect(observe).toMatchObject({ type: 'observe', id: 5, observation: { counters: { InSegs: 1, OutSegs: 1 } } });
    expect(stop).toEqual({ type: 'stop', id: 6 });
    expect(rest).toEqual([]);
  });

  it('reads lines as they come, in pieces or many at once, and leaves out empty ones', async () => {
    const bytes = Buffer.from(`${HELLO}\n${RESET}${LISTEN}`);
    const pieces = [...bytes].map((byte) => Buffer.from([byte]));
    expect(await answers(pieces)).toEqual(await answers(HELLO + RESET + LISTEN));
  });

  it('lets go of the subject when the input ends, or it was asked to stop', async () => {
    let stopped = 0;
    const subject = { ...modelSubject(linux_4_15), stop: () => void stopped++ };
    await answers(HELLO, subject);
    await answers(HELLO + STOP, subject);
    expect(stopped).toBe(2);
  });

  it('tells what the subject fails at, and goes on', async () => {
    const subject: Subject = {
      ...modelSubject(linux_4_15),
      observe: () => {
        throw new Error('it broke');
      },
    };
    const [, , failed, stop] = await answers(HELLO + RESET + OBSERVE + STOP, subject);
    expect(failed).toEqual({ type: 'error', id: 5, message: 'it broke' });
    expect(stop).toEqual({ type: 'stop', id: 6 });
  });

  it('tells why there is none, each time', async () => {
    const input = new PassThrough();
    const output = new PassThrough();
    input.end(HELLO + RESET);
    await serve(
      () => {
        throw new Error('no kernel');
      },
      input,
      output,
    );
    output.end();
    const said = (id: number): string => `${JSON.stringify({ type: 'error', id, message: 'no kernel' })}\n`;
    expect(await text(output)).toBe(said(1) + said(2));
  });
});

describe('what is no request', () => {
  it.each([
    ['{"type":"hello"', '$: not JSON: "{\\"type\\":\\"hello\\""', 1],
    ['[1]', '$: expected an object, got an array', 1],
    ['{"id":3}', '$.type: missing', 3],
    ['{"type":"helo","id":3}', '$.type: expected one of "hello", "reset", "apply", "observe", "stop", got "helo"', 3],
    ['{"type":"observe","id":0}', '$.id: expected at least 1, got 0', 1],
    ['{"type":"observe","id":3,"x":1}', '$.x: unknown field', 3],
    ['{"type":"hello","id":1,"protocol":2,"kernel":"4.15"}', '$.protocol: expected 1, got 2', 1],
    ['{"type":"apply","id":3,"at":0}', '$.event: missing', 3],
    [
      '{"type":"apply","id":3,"at":0,"event":{}}',
      '$.event: expected one of the keys "segments", "wait", "sysctl" and "syscall"',
      3,
    ],
    ['{"type":"apply","id":3,"at":0,"event":{"wait":-1}}', '$.event.wait: expected at least 0, got -1', 3],
    ['{"type":"apply","id":3,"event":{"wait":1}}', '$.at: missing', 3],
    [
      '{"type":"apply","id":3,"at":0,"event":{"segments":[{"peer":1,"flags":["URG"],"seq":1}]}}',
      '$.event.segments[0].flags[0]: expected "SYN", "ACK", "PSH", "RST" or "FIN", got "URG"',
      3,
    ],
  ])('%s is answered with an error', async (line, message, id) => {
    expect(await answers(`${line}\n`)).toEqual([{ type: 'error', id, message }]);
  });

  it('may be bytes that are no text', () => {
    expect(readRequest(Buffer.from([0xff, 0xfe]))).toEqual({ id: 1, problem: { path: '$', message: 'not UTF-8' } });
  });

  it('takes acknowledgement numbers as numbers and relative', () => {
    const line = (ack: string): Buffer =>
      Buffer.from(
        `{"type":"apply","id":3,"at":0,"event":{"segments":[{"peer":1,"flags":["ACK"],"seq":1,"ack":${ack}}]}}`,
      );
    expect(readRequest(line('17')).problem).toBeUndefined();
    expect(readRequest(line('{"of":"synack","plus":1}')).problem).toBeUndefined();
    expect(readRequest(line('"17"')).problem?.path).toBe('$.event.segments[0].ack');
  });
});
