/** The topics of the rules, for the generated pages. */

export * from '../src/conformance/topics.js';
