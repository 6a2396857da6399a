import type { Rule } from '../rule.js';
import { backendRules } from './backend.js';
import { bufferRingRules } from './buffer-ring.js';
import { chainRules } from './chains.js';
import { closingRules } from './closing.js';
import { disposedMemoryRules } from './disposed-memory.js';
import { fairnessRules } from './fairness.js';
import { fileTableRules } from './file-table.js';
import { idleRules } from './idle.js';
import { lifecycleRules } from './lifecycle.js';
import { modelRules } from './model.js';
import { multishotRules } from './multishot.js';
import { operationRules } from './operations.js';
import { processRules } from './process.js';
import { processEndRules } from './process-end.js';
import { readinessArgumentRules } from './readiness-arguments.js';
import { readinessClearRules } from './readiness-clear.js';
import { readinessClosedRules } from './readiness-closed.js';
import { readinessDescriptorRules } from './readiness-descriptors.js';
import { readinessDisposalRules } from './readiness-disposal.js';
import { readinessHangupRules } from './readiness-hangup.js';
import { readinessInterestRules } from './readiness-interest.js';
import { readinessUrgentRules } from './readiness-urgent.js';
import { remoteRules } from './remote.js';
import { ringArgumentRules } from './ring-arguments.js';
import { ringCancelRules } from './ring-cancel.js';
import { ringMemoryRules } from './ring-memory.js';
import { ringPoolRules } from './ring-pool.js';
import { ringSubmissionRules } from './ring-submission.js';
import { ringTransferRules } from './ring-transfer.js';
import { scopeRules } from './scope.js';
import { scopeBatchRules } from './scope-batch.js';
import { senderRules } from './sender.js';
import { socketRules } from './socket.js';
import { timerCrowdRules } from './timer-crowd.js';
import { timerRules } from './timers.js';
import { waitRules } from './wait.js';
import { waitDisposalRules } from './wait-disposal.js';
import { wakerTypeRules } from './waker-type.js';

/** Every rule of the kit. */
export const rules: readonly Rule[] = [
  ...backendRules,
  ...timerRules,
  ...timerCrowdRules,
  ...readinessInterestRules,
  ...readinessClearRules,
  ...readinessHangupRules,
  ...readinessUrgentRules,
  ...readinessArgumentRules,
  ...readinessDisposalRules,
  ...readinessClosedRules,
  ...readinessDescriptorRules,
  ...socketRules,
  ...waitRules,
  ...waitDisposalRules,
  ...wakerTypeRules,
  ...scopeRules,
  ...scopeBatchRules,
  ...fairnessRules,
  ...processRules,
  ...lifecycleRules,
  ...closingRules,
  ...disposedMemoryRules,
  ...processEndRules,
  ...idleRules,
  ...ringSubmissionRules,
  ...ringTransferRules,
  ...ringCancelRules,
  ...ringMemoryRules,
  ...ringPoolRules,
  ...ringArgumentRules,
  ...operationRules,
  ...chainRules,
  ...multishotRules,
  ...bufferRingRules,
  ...senderRules,
  ...fileTableRules,
  ...remoteRules,
  ...modelRules,
];
