#!/usr/bin/env node
/** The command `tcp-backlog`: runs what the command line asks for in this process, and ends with its status. */

import { EXIT } from './exit.js';
import { Output } from './output.js';
import { runCommand } from './program.js';

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(EXIT[signal]));

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    // A reader that has seen enough closes the pipe: that is no error, and there is nobody left to tell.
    if (code === 'EPIPE') process.exit(EXIT.ok);
    if (stream === process.stdout) process.stderr.write(`tcp-backlog: cannot write: ${message}\n`);
    process.exit(EXIT.subject);
  });
}

try {
  process.exitCode = await runCommand(process.argv.slice(2), new Output(process.stdout, process.stderr));
} catch (error) {
  // Nobody is expected to come here. The status must not look like a verdict.
  process.stderr.write(`tcp-backlog: this is a bug: ${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = EXIT.subject;
}
