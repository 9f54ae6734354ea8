/** Makes kernel variants from copies of the models in which one place is wrong. */

import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { KernelVariant } from '../src/host/variant.js';
import type { PlantedFault } from '../test/conformance/planted-faults/fault.js';
import { writeCompiled, writeCompiledFolder } from './compiled.js';

/** What the models are made of, in the order in which they import one another. */
const SHARED = ['generated', 'host'];
const MODELS = ['linux-2.6.32', 'linux-4.15'];

/** Compiled copies of the models in a folder: one that is right, and one for each fault, of which only what differs is written. */
export class FaultyKernels {
  private readonly root: string;
  private readonly folder: string;

  /** Compiles the models of the repository at `root` into the empty folder `folder`. */
  constructor(root: string, folder: string) {
    this.root = root;
    this.folder = folder;
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    for (const part of [...SHARED, ...MODELS]) writeCompiledFolder(join(folder, 'right'), root, join('src', part));
  }

  /**
   * The variant with this fault.
   * @throws RangeError when the text that is to be replaced does not occur exactly once
   */
  async variant({ id, kernel, file, from, to }: PlantedFault): Promise<KernelVariant> {
    const text = readFileSync(join(this.root, 'src', file), 'utf8');
    const parts = text.split(from);
    if (parts.length !== 2)
      throw new RangeError(`${kernel} ${id}: ${parts.length - 1} places in ${file} to make wrong`);
    const tree = join(this.folder, `${kernel}-${id}`);
    mkdirSync(join(tree, 'src'), { recursive: true });
    const changed = MODELS.findIndex((model) => file.startsWith(`${model}/`));
    // Modules are told apart by their real path, so whatever imports the wrong one has to be a copy.
    for (const part of [...SHARED, ...MODELS.slice(0, changed)]) symlinkSync(this.right(part), join(tree, 'src', part));
    for (const part of MODELS.slice(changed)) cpSync(this.right(part), join(tree, 'src', part), { recursive: true });
    writeCompiled(tree, join('src', file), parts.join(to));
    const index = pathToFileURL(join(tree, 'src', `linux-${kernel}`, 'index.js')).href;
    const module = (await import(index)) as Readonly<Record<string, KernelVariant>>;
    return module[`linux_${kernel.replaceAll('.', '_')}`] as KernelVariant;
  }

  private right(part: string): string {
    return join(this.folder, 'right', 'src', part);
  }
}
