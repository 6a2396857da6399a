import { backendMutants } from './backends.js';
import { bufferRingMutants } from './buffer-ring.js';
import { chainMutants } from './chains.js';
import { closingMutants } from './closing.js';
import { descriptorMutants } from './descriptors.js';
import { disposalMutants } from './disposal.js';
import { fairnessMutants } from './fairness.js';
import { fileTableMutants } from './file-table.js';
import { hangUpMutants } from './hang-ups.js';
import { holdMutants } from './holds.js';
import { idleMutants } from './idle.js';
import { keptMutants } from './kept.js';
import { latestWakerMutants } from './latest-wakers.js';
import { lifecycleMutants } from './lifecycle.js';
import { multishotMutants } from './multishot.js';
import type { Mutant } from './mutant.js';
import { noWakerMutants } from './no-wakers.js';
import { operationMutants } from './operations.js';
import { outlivedMutants } from './outlived.js';
import { ownWakerMutants } from './own-wakers.js';
import { processMutants } from './processes.js';
import { readinessMutants } from './readiness.js';
import { readinessArgumentMutants } from './readiness-arguments.js';
import { readinessClearMutants } from './readiness-clears.js';
import { readinessWakerMutants } from './readiness-wakers.js';
import { referenceMutants } from './references.js';
import { remoteMutants } from './remote.js';
import { ringArgumentMutants } from './ring-arguments.js';
import { ringCancelMutants } from './ring-cancel.js';
import { ringFaultMutants } from './ring-faults.js';
import { ringHoldMutants } from './ring-holds.js';
import { ringMemoryMutants } from './ring-memory.js';
import { ringPoolMutants } from './ring-pool.js';
import { ringSubmissionMutants } from './ring-submission.js';
import { ringTransferMutants } from './ring-transfer.js';
import { scopeMutants } from './scope.js';
import { senderMutants } from './sender.js';
import { staleMutants } from './stale.js';
import { timerArgumentMutants } from './timer-arguments.js';
import { timerCrowdMutants } from './timer-crowd.js';
import { timerMoveMutants } from './timer-moves.js';
import { timerMutants } from './timers.js';
import { waitEndMutants } from './wait-ends.js';
import { waitNeighbourMutants } from './wait-neighbours.js';
import { waitMutants } from './waits.js';

/** Every broken driver. */
export const mutants: readonly Mutant[] = [
  ...backendMutants,
  ...timerMutants,
  ...timerArgumentMutants,
  ...timerCrowdMutants,
  ...timerMoveMutants,
  ...readinessMutants,
  ...readinessClearMutants,
  ...readinessWakerMutants,
  ...readinessArgumentMutants,
  ...hangUpMutants,
  ...disposalMutants,
  ...staleMutants,
  ...keptMutants,
  ...descriptorMutants,
  ...waitMutants,
  ...waitEndMutants,
  ...waitNeighbourMutants,
  ...latestWakerMutants,
  ...noWakerMutants,
  ...scopeMutants,
  ...ownWakerMutants,
  ...fairnessMutants,
  ...processMutants,
  ...lifecycleMutants,
  ...closingMutants,
  ...holdMutants,
  ...referenceMutants,
  ...idleMutants,
  ...ringHoldMutants,
  ...ringSubmissionMutants,
  ...ringTransferMutants,
  ...ringCancelMutants,
  ...outlivedMutants,
  ...ringMemoryMutants,
  ...ringPoolMutants,
  ...ringFaultMutants,
  ...ringArgumentMutants,
  ...operationMutants,
  ...chainMutants,
  ...multishotMutants,
  ...bufferRingMutants,
  ...senderMutants,
  ...fileTableMutants,
  ...remoteMutants,
];
