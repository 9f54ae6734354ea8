/** The worker: answers the page's questions one after the other, off the thread that draws. */

import type { Answer, JobName, Jobs, Question } from './protocol.js';
import { kernelsNamed } from './worker/kernels.js';
import { limitsOf } from './worker/limits.js';
import { drawAgain } from './worker/pictures.js';
import { Refusal } from './worker/refusal.js';
import { simulated } from './worker/simulate.js';
import { Stepper } from './worker/steps.js';
import { TraceFile } from './worker/trace-file.js';

type Progress = (text: string) => void;

let file = new TraceFile();
let judgedAs: string | undefined;
let stepper: Stepper | undefined;

const JOBS: { readonly [J in JobName]: (about: Jobs[J][0], progress: Progress) => Jobs[J][1] | Promise<Jobs[J][1]> } = {
  simulate: simulated,
  draw: ({ width }) => drawAgain(width),
  limits: limitsOf,
  read: (about, progress) => {
    file = new TraceFile();
    judgedAs = about.kernel;
    return file.read(about, progress);
  },
  open: ({ trace, width }) => {
    const kept = file.traces[trace];
    if (kept === undefined) throw new Refusal({ path: '', message: 'there is no such trace' });
    stepper = new Stepper(kept, judgedAs === undefined ? undefined : kernelsNamed([judgedAs])[0]);
    return stepper.open(width);
  },
  steps: ({ from, to }) => {
    const steps = stepper?.tell(from, to) ?? [];
    return { steps, rules: stepper?.citations(steps) ?? {} };
  },
};

const say = (answer: Answer): void => postMessage(answer);

addEventListener('message', async ({ data }: MessageEvent<Question>) => {
  const { id, job, about } = data;
  const answer = JOBS[job] as (about: unknown, progress: Progress) => unknown;
  try {
    say({ id, answer: await answer(about, (progress) => say({ id, progress })) });
  } catch (error) {
    if (error instanceof Refusal) say({ id, problem: error.problem });
    else throw error;
  }
});
