/** The public API: kernels to run, traces to judge, rules as data. */

export { ruleSpecs as rules } from './generated/rules.js';
export type {
  ArrivingSegment,
  Observed,
  RuleSpec,
  SentSegment,
  SocketRow,
  SoftnetMeasurement,
  Step,
  TraceEvent,
  TraceHeader,
  TraceReport,
  Workload,
} from './generated/types.js';
export type { Host } from './host/host.js';
export type { Packet, PacketBacklog, PacketBacklogOptions, PacketHandler, SoftnetStat } from './host/packet-backlog.js';
export type { KernelVariant } from './host/variant.js';
export { type SearchLimits, TraceJudge, type Verdict } from './judge/judge.js';
export { judgeTrace, judgeTraces, RecordJudge } from './judge/judge-trace.js';
export { SoftnetJudge, type SoftnetMismatch } from './judge/softnet.js';
export { KERNELS, kernelNamed } from './kernels.js';
export { type TimelineSvgOptions, timelineSvg } from './report/timeline-svg.js';
export { VIEWS, type ViewName } from './report/views/index.js';
export type { LogEntry, Moment } from './report/views/moment.js';
export { PacketPath, type PacketPathOptions, type PathEvent, type PathStep } from './run/packet-path.js';
export { type PlayedTrace, type PlayOptions, playScenario, type Scenario, type Trace } from './run/scenario.js';
export { type PlayedStep, Simulation, type SimulationOptions } from './run/simulation.js';
export { type FoundBacklog, findBacklog } from './simulate/find-backlog.js';
export type { TraceTaker } from './simulate/machine.js';
export type { WorkloadResult } from './simulate/result.js';
export { type Onlooker, type SimulateOptions, simulate } from './simulate/simulate.js';
export { workloadProblem } from './simulate/workload.js';
export type { Mark, MarkKind, QueueSample, Timeline } from './timeline/timeline.js';
export { playTimeline, type TracedTimeline, timelineOf } from './timeline/timeline-of.js';
export { TimelineRecorder, type TimelineRecorderOptions } from './timeline/timeline-recorder.js';
export type { TraceRecord } from './trace/decode.js';
export { readTraces } from './trace/read.js';
export { parseScenarios, type ScenarioProblem, type ScenarioRecord } from './trace/scenario.js';
