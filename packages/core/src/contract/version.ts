/**
 * The version of the contract that this package states. It is raised when a guarantee is added, changed or dropped,
 * and not when an implementation is mended. Reports of the conformance kit name it.
 */
export const CONTRACT_VERSION = '0.1';
