/** Stretches of time as people write them, `3-5, 8-9`, and as a workload has them. */

/** How the two numbers of a stretch are called, what stands between them, and how many units of the workload one of theirs is. */
export interface Span {
  readonly first: string;
  readonly second: string;
  readonly between: string;
  readonly factor: number;
}

/** The text of a list; what is no such list is shown as it is. */
export function spansOf(value: unknown, { first, second, between, factor }: Span): string {
  if (!Array.isArray(value)) return String(value);
  const number = (one: unknown): string => (typeof one === 'number' ? String(one / factor) : '');
  return value
    .map((one: Readonly<Record<string, unknown>>) => `${number(one[first])}${between}${number(one[second])}`)
    .join(', ');
}

/** The list of a text; the text itself where it is none. */
export function listOf(text: string, { first, second, between, factor }: Span): unknown {
  const list: Record<string, number>[] = [];
  for (const part of text.split(',')) {
    const [a = '', b = '', ...more] = part.split(between).map((one) => one.trim());
    const numbers = [a, b].map((one) => (one === '' ? undefined : Math.round(Number(one) * factor)));
    const [from, to] = numbers;
    if (from === undefined || numbers.some(Number.isNaN) || more.length > 0) return text;
    list.push({ [first]: from, ...(to === undefined ? {} : { [second]: to }) });
  }
  return list;
}
