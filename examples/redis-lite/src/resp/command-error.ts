/** What a command answers instead of its result. The first word of the message is its kind. */
export class CommandError extends Error {}

export const wrongType = () => new CommandError('WRONGTYPE Operation against a key holding the wrong kind of value');
export const notAnInteger = () => new CommandError('ERR value is not an integer or out of range');
export const syntaxError = () => new CommandError('ERR syntax error');

/** The peer does not speak the protocol: it is told so, and the connection ends. */
export class ProtocolError extends Error {}
