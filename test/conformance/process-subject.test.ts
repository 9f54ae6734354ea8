/** A program as a subject: what can go wrong with it, that each is told, and that nothing of it is left. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ProcessOptions, type ProcessSubject, startProcess } from '../../src/conformance/process-subject.js';
import { SubjectError } from '../../src/conformance/subject.js';
import { CAPABILITIES, type CommandLine, Programs, running } from './process-fixtures.js';

const programs = new Programs();

const OPTIONS: ProcessOptions = { kernel: '4.15', timeout: 10_000, grace: 2000 };

/** Uses a program as a subject; whatever happens, nothing of it may be left. */
async function use(
  program: CommandLine,
  options: Partial<ProcessOptions>,
  body: (subject: ProcessSubject) => Promise<void>,
): Promise<void> {
  try {
    const subject = await startProcess(...program, { ...OPTIONS, ...options });
    try {
      await body(subject);
    } finally {
      await subject.stop();
    }
  } finally {
    expect(running(program)).toEqual([]);
  }
}

/** Puts a program through one event and stops it; what went wrong, or undefined. */
async function trouble(program: CommandLine, options: Partial<ProcessOptions> = {}): Promise<string | undefined> {
  try {
    await use(program, options, async (subject) => {
      await subject.reset({ sysctl: {}, sockopt: {} });
      await subject.apply({ wait: 1000 }, 0);
      await subject.observe();
    });
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(SubjectError);
    return (error as SubjectError).message;
  }
}

/** Many segments, in requests and answers of more than a pipe holds. */
const SEGMENTS = Array.from({ length: 60_000 }, (_, peer) => ({ peer, flags: ['SYN'] as const, seq: peer }));

describe('a program that does as it should', { concurrent: true }, () => {
  it('is asked who it is, reset, put through events, looked at, and stopped', async () => {
    const asked: string[] = [];
    const program = programs.program(`
      handle = (request) => { process.stderr.write(JSON.stringify(request) + '\\n'); say(answer(request)); };`);
    await use(program, { kernel: '2.6.32', onStderr: (line) => asked.push(line) }, async (subject) => {
      expect(subject.capabilities).toEqual(CAPABILITIES);
      expect(await subject.reset({ sysctl: { 'net.core.somaxconn': 5 }, sockopt: { TCP_SYNCNT: 1 } })).toEqual({});
      expect(await subject.apply({ syscall: 'listen', backlog: 3 }, 7)).toEqual({});
      expect(await subject.observe()).toEqual({ counters: {} });
      expect(running(program)).toEqual([subject.pid]);
      await subject.stop();
    });
    expect(asked.map((line) => JSON.parse(line) as unknown)).toEqual([
      { type: 'hello', id: 1, protocol: 1, kernel: '2.6.32' },
      { type: 'reset', id: 2, sysctl: { 'net.core.somaxconn': 5 }, sockopt: { TCP_SYNCNT: 1 } },
      { type: 'apply', id: 3, at: 7, event: { syscall: 'listen', backlog: 3 } },
      { type: 'observe', id: 4 },
      { type: 'stop', id: 5 },
    ]);
  });

  it('gets requests that no pipe holds, and answers as long', async () => {
    const program = programs.program(`
      const others = answer;
      answer = ({ type, id, event }) => event ? { type, id, outcome: { out: event.segments } } : others({ type, id });`);
    await use(program, {}, async (subject) => {
      expect((await subject.apply({ segments: SEGMENTS }, 0)).out).toEqual(SEGMENTS);
    });
  });

  it('may write an answer in pieces, and two bytes of a character apart', async () => {
    const pieces = `
      handle = (request) => {
        const bytes = Buffer.from(JSON.stringify(answer(request)) + '\\r\\n');
        let i = 0;
        const next = () => { if (i < bytes.length) { process.stdout.write(bytes.subarray(i, i += 40)); setTimeout(next, 1); } };
        next();
      };`;
    expect(await trouble(programs.program(pieces))).toBeUndefined();
  });

  it('may start others that end with it', async () => {
    const helper = `spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });`;
    expect(await trouble(programs.program(`${helper} input.on('close', () => process.exit(0));`))).toBeUndefined();
  });

  it('may take as long for a wait as it lasts, if its clock is real', async () => {
    const real = { ...CAPABILITIES, clock: { kind: 'real', tolerance: { timer: 1, next: 1 }, longest: 1e9 } };
    const program = programs.program(`
      const others = answer;
      answer = (request) => ({ ...others(request), ...(request.type === 'hello' ? { capabilities: ${JSON.stringify(real)} } : {}) });
      handle = (request) => setTimeout(() => say(answer(request)), request.type === 'apply' ? 2200 : 0);`);
    await use(program, { timeout: 2000 }, async (subject) => {
      expect(await subject.apply({ wait: 2_200_000 }, 0)).toEqual({});
      await expect(subject.apply({ syscall: 'listen', backlog: 1 }, 0)).rejects.toThrow(
        'the subject did not answer request 3 (apply) within 2 s',
      );
    });
  });
});

describe('a program that cannot be started', { concurrent: true }, () => {
  it.each([
    ['does not exist', '/nowhere/at/all', '"/nowhere/at/all" cannot be started: no such program'],
    ['is no program', 'plain', 'cannot be started: it may not be executed'],
    ['is a folder', 'folder', 'cannot be started: it may not be executed'],
    ['has no name', '', '"" cannot be started: '],
  ])('%s', async (_, name, message) => {
    writeFileSync(join(programs.path, 'plain'), 'hello');
    mkdirSync(join(programs.path, 'folder'), { recursive: true });
    expect(
      await trouble([name.startsWith('/') || name === '' ? name : join(programs.path, name), ['no argument like it']]),
    ).toContain(message);
  });
});

describe('a program that ends', { concurrent: true }, () => {
  it.each([
    ['before it says hello', `process.exit(7)`, 'ended with status 7 before it answered request 1 (hello)'],
    [
      'in the middle',
      `handle = (request) => request.type === 'apply' ? process.exit(9) : say(answer(request));`,
      'ended with status 9 before it answered request 3 (apply)',
    ],
    [
      'with status 0, though nobody asked it to',
      `handle = (request) => request.type === 'apply' ? process.exit(0) : say(answer(request));`,
      'ended with status 0 before it answered request 3 (apply)',
    ],
    [
      'by a signal',
      `handle = (request) => request.type === 'apply' ? process.kill(process.pid, 'SIGSEGV') : say(answer(request));`,
      'was ended by SIGSEGV before it answered request 3 (apply)',
    ],
    [
      'in the middle of a line',
      `handle = (request) => request.type === 'apply' ? process.stdout.write('{"type":', () => process.exit(1)) : say(answer(request));`,
      'ended with status 1 before it answered request 3 (apply), in the middle of a line',
    ],
    [
      'while nothing was asked',
      `handle = (request) => { say(answer(request)); if (request.type === 'reset') process.exit(4); };`,
      'ended with status 4 ',
    ],
    [
      'with another status than 0 after stop',
      `input.on('close', () => process.exit(5));`,
      'the subject ended with status 5 after it was asked to stop',
    ],
  ])('%s', async (_, lines, message) => {
    expect(await trouble(programs.program(lines))).toContain(
      `${message.startsWith('the') ? '' : 'the subject '}${message}`,
    );
  });

  it('has its last words told, without what a terminal would obey', async () => {
    const shown: string[] = [];
    const message = await trouble(
      programs.program(`
        handle = () => {};
        for (let i = 1; i <= 300; i++) console.error('line ' + i);
        console.error('\\x1b[2Jgone\\u0007');
        process.stderr.write('x'.repeat(100000) + '\\nlast', () => process.exit(1));`),
      { onStderr: (line) => shown.push(line) },
    );
    expect(message).toBe(
      `the subject ended with status 1 before it answered request 1 (hello)
  its standard error ends with:
    line 299
    line 300
    \\x1b[2Jgone\\x07
    ${'x'.repeat(500)}…
    last`,
    );
    expect(shown.length).toBe(201);
    expect(shown.slice(-2)).toEqual(['line 200', '(what follows is not shown)']);
  });
});

describe('a program that hangs', { concurrent: true }, () => {
  const only = (type: string, instead: string): string =>
    `handle = (request) => { if (request.type === '${type}') { ${instead} } else say(answer(request)); };`;

  it.each([
    ['at hello', only('hello', ''), 'did not answer request 1 (hello) within 10 s'],
    ['in the middle', only('apply', ''), 'did not answer request 3 (apply) within 3 s'],
    ['in a loop, deaf to SIGTERM', `process.on('SIGTERM', () => {}); ${only('apply', 'for (;;);')}`, 'within 3 s'],
    [
      'in the middle of a line',
      only('apply', `process.stdout.write('{');`),
      'did not answer request 3 (apply) within 3 s',
    ],
    ['at stop', only('stop', ''), 'did not answer request 5 (stop) within 3 s'],
    ['after it answered stop', `setInterval(() => {}, 1000);`, 'did not end within 0.4 s after it was asked to'],
    [
      'after it answered stop, deaf to SIGTERM',
      `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);`,
      'did not end within 0.4 s after it was asked to',
    ],
  ])('%s', async (_, lines, message) => {
    expect(await trouble(programs.program(lines), { timeout: 3000, grace: 400 })).toMatch(
      `the subject ${message.startsWith('within') ? 'did not answer request 3 (apply) ' : ''}${message}`,
    );
  });

  it('does not read what it is asked', async () => {
    const program = programs.program(
      only('reset', `say(answer(request)); process.stdin.pause(); setInterval(() => {}, 1000);`),
    );
    await use(program, { timeout: 3000, grace: 400 }, async (subject) => {
      await subject.reset({ sysctl: {}, sockopt: {} });
      await expect(subject.apply({ segments: SEGMENTS }, 0)).rejects.toThrow(
        'did not read request 3 (apply) within 3 s',
      );
    });
  });
});

describe('a program that closes', { concurrent: true }, () => {
  it.each([
    [
      'its standard output',
      `require('node:fs').closeSync(1);`,
      'closed its standard output before it answered request 3 (apply)',
    ],
    [
      'its standard input',
      `require('node:fs').closeSync(0); say(answer(request)); setInterval(() => {}, 1000);`,
      'closed its standard input before it answered request 4 (observe)',
    ],
  ])('%s', async (_, instead, message) => {
    const lines = `handle = (request) => { if (request.type === 'apply') { ${instead} } else say(answer(request)); };`;
    expect(await trouble(programs.program(lines))).toBe(`the subject ${message}`);
  });
});

describe('a program that talks nonsense', { concurrent: true }, () => {
  /** Instead of the answer to `apply` it writes this. */
  const instead = (text: string): string =>
    `handle = (request) => { if (request.type === 'apply') process.stdout.write(${text}); else say(answer(request)); };`;
  const message = (text: string): string => instead(`JSON.stringify(${text}) + '\\n'`);
  const NONSENSE = 'answered request 3 (apply) with nonsense: ';

  it.each([
    ['not JSON', instead(`'Listening on port 80\\n'`), `${NONSENSE}not JSON: "Listening on port 80"`],
    ['an empty line', instead(`'\\n'`), `${NONSENSE}not JSON: ""`],
    ['not UTF-8', instead(`Buffer.from([0x22, 0xff, 0x22, 0x0a])`), `${NONSENSE}$: not UTF-8`],
    ['no object', instead(`'[]\\n'`), `${NONSENSE}$: expected an object, got an array`],
    ['an answer without number', message(`{ type: 'apply', outcome: {} }`), `${NONSENSE}$.id: missing`],
    [
      'an answer to an earlier request',
      message(`{ type: 'apply', id: 2, outcome: {} }`),
      `${NONSENSE}$.id: expected 3, got 2: it was answered before`,
    ],
    [
      'an answer to no request',
      message(`{ type: 'apply', id: 9, outcome: {} }`),
      `${NONSENSE}$.id: expected 3, got 9: there was none yet`,
    ],
    [
      'another answer',
      message(`{ type: 'reset', id: 3 }`),
      `${NONSENSE}$.type: expected "apply" or "error", got "reset"`,
    ],
    ['an answer without type', message(`{ id: 3 }`), `${NONSENSE}$.type: missing`],
    [
      'an unknown field',
      message(`{ type: 'apply', id: 3, outcome: { reslut: 0 } }`),
      `${NONSENSE}$.outcome.reslut: unknown field`,
    ],
    [
      'a wrong field, deep inside',
      message(`{ type: 'apply', id: 3, outcome: { out: [{ peer: 1, flags: ['SIN'], seq: 0 }] } }`),
      `${NONSENSE}$.outcome.out[0].flags[0]: expected "SYN", "ACK", "PSH", "RST" or "FIN", got "SIN"`,
    ],
    [
      'that it cannot do it',
      message(`{ type: 'error', id: 3, message: 'no \\x1b[31mwait' }`),
      'could not do request 3 (apply): no \\x1b[31mwait',
    ],
    ['a line of 17 MiB', instead(`'x'.repeat(17 * 2 ** 20) + '\\n'`), 'wrote a line of more than 16 MiB'],
    [
      'without end and without newline',
      `handle = (request) => { if (request.type !== 'apply') return say(answer(request));
        const more = () => process.stdout.write('x'.repeat(100000), more); more(); };`,
      'wrote a line of more than 16 MiB',
    ],
    [
      'without end and with newlines',
      `handle = (request) => { if (request.type !== 'apply') return say(answer(request));
        const more = () => process.stdout.write('{}\\n'.repeat(100000), more); more(); };`,
      'wrote a line that nothing had asked for, after request 3 (apply): "{}"',
    ],
    [
      'answers twice at once',
      `handle = (request) => { const line = JSON.stringify(answer(request)) + '\\n'; process.stdout.write(request.type === 'apply' ? line + line : line); };`,
      'wrote a line that nothing had asked for, after request 3 (apply): "{\\"type\\":\\"apply\\",\\"id\\":3,\\"outcome\\":{}}"',
    ],
    [
      'answers twice, the second time instead of the next answer',
      `let last; handle = (request) => { say(request.type === 'observe' ? last : answer(request)); last = answer(request); };`,
      'answered request 4 (observe) with nonsense: $.id: expected 4, got 3: it was answered before',
    ],
    [
      'another version of the protocol',
      `const first = answer; answer = (request) => ({ ...first(request), ...(request.type === 'hello' ? { protocol: 2 } : {}) });`,
      'answered request 1 (hello) with nonsense: $.protocol: version 2 of the protocol: this kit speaks version 1',
    ],
  ])('%s', async (_, lines, told) => {
    expect(await trouble(programs.program(lines))).toBe(`the subject ${told}`);
  });

  it('also while nothing is asked', async () => {
    await use(programs.program(`setTimeout(() => console.log('tick'), 300);`), {}, async (subject) => {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      await expect(subject.observe()).rejects.toThrow(
        'the subject wrote a line that nothing had asked for, after request 1 (hello): "tick"',
      );
    });
  });
});

describe('a program that leaves processes behind', { concurrent: true }, () => {
  const sleeper = (options: string): string =>
    `spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)', __filename], { stdio: 'ignore', ${options} }).unref();`;

  it.each([
    ['in its group', sleeper('')],
    ['in a session of their own', sleeper('detached: true')],
    [
      'of a child that ended before',
      `spawn(process.execPath, ['-e', ${JSON.stringify(`const { spawn } = require('node:child_process'); ${sleeper('detached: true')}`)}], { stdio: 'ignore' }).unref();`,
    ],
    ['in its session, without its environment', sleeper('env: {}')],
  ])('%s', async (_, lines) => {
    const message = await trouble(programs.program(lines), { grace: 1500 });
    expect(message).toBe('the subject left processes behind, which were killed');
  });

  it('and dies', async () => {
    const lines = `${sleeper('detached: true')} handle = (request) => request.type === 'apply' ? process.exit(1) : say(answer(request));`;
    expect(await trouble(programs.program(lines))).toContain(
      'ended with status 1 before it answered request 3 (apply)',
    );
  });
});
