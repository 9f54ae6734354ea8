/** The example in TypeScript conforms, as the model that it is, and only as that. */

import { expect, it } from 'vitest';
import { Folder } from '../cli/transcript.js';

const folder = new Folder();

const conform = (kernel: string, model: string, ...options: string[]): ReturnType<Folder['run']> =>
  folder.run(
    ...['conform', '--kernel', kernel, '--run', 'campaign/*', '--runs', '3', ...options],
    ...['--', process.execPath, '--import', 'tsx', 'examples/typescript/model-subject.ts', model],
  );

it.each(['2.6.32', '4.15'])(
  'the example behaves like Linux %s, of which it leaves nothing unjudged',
  async (kernel) => {
    const { status, out, err } = await conform(kernel, kernel);
    expect(out).toMatch(new RegExp(`^model of ${kernel} 1 against ${kernel}: \\d+ passed\n`));
    expect(out).not.toContain('left unjudged');
    expect({ status, err }).toEqual({ status: 0, err: '' });
  },
);

it('the example as 4.15 does not behave like Linux 2.6.32', async () => {
  const { status, out } = await conform('2.6.32', '4.15', '--bail');
  expect(out).toMatch(/^campaign\/[\w-]+ fails: /);
  expect(status).toBe(1);
});
