/** The conformance kit: tests an implementation against a kernel. */

export type {
  AdapterAnswer,
  AdapterRequest,
  Capabilities,
  CaseFailure,
  CaseResult,
  Deviation,
  DeviationUse,
  Feature,
  Level,
  ResetRequest,
  SegmentFromSubject,
  SegmentToSubject,
  Shard,
} from '../generated/types.js';
export { failureInWords, failureMessage, traceLines } from './case-result.js';
export { type Case, casesFor } from './cases.js';
export {
  type ConformanceSuiteOptions,
  conformanceSuite,
  type RegisterTest,
  type TestBody,
} from './conformance-suite.js';
export { parseDeviations } from './deviations.js';
export { mergeReports } from './merge.js';
export { type ModelSubjectOptions, modelSubject } from './model-subject.js';
export { type ProcessOptions, type ProcessSubject, startProcess } from './process-subject.js';
export { caseLine, parseReport, summaryLine } from './report-lines.js';
export type { CaseProgress } from './run-case.js';
export { runScenario } from './run-scenario.js';
export {
  type Awaitable,
  type Configuration,
  type Refusal,
  type Subject,
  SubjectError,
  type SubjectEvent,
  type SubjectObservation,
  type SubjectOutcome,
} from './subject.js';
export { runSuite, type SuiteOptions, type SuiteReport, succeeded } from './suite.js';
