/** A rule's name: `<c function>/<case>`. */
export type RuleId = `${string}/${string}`;
