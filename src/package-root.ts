/** Where the files are that come with the package beside its code: rules, citations, golden traces. */

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const root = dirname(createRequire(import.meta.url).resolve('tcp-backlog-spec/package.json'));

/** The full name of a file or folder of the package, given by its name from the package's root. */
export const packagePath = (name: string): string => join(root, name);
