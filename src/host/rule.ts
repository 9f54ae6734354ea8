/** A rule's name: `<c function>/<case>`. One that `spec/rules.json` does not list does not compile. */
export type { RuleId } from '../generated/rules.js';
