/** Judges the file named on the command line and prints the peak of the resident set, in KiB. */

import { RecordJudge } from '../src/judge/judge-trace.js';
import { readTraces } from '../src/trace/read.js';

const judge = new RecordJudge();
for await (const record of readTraces(process.argv[2] as string)) judge.take(record);
judge.end();
console.log(process.resourceUsage().maxRSS);
