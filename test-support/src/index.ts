export { isCloseOnExec, openDescriptors, openDescriptorsTo } from './descriptors.js';
export { rejectionOf, rejects, thrownBy, throws } from './errors.js';
export { compileIoUringDenial } from './io-uring-denial.js';
export { onlyReading } from './permissions.js';
export { type Ended, endOf, hasEnded } from './processes.js';
export { TemporaryDirectory, temporaryDirectory } from './temporary-directory.js';
