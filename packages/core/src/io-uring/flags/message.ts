/*
 * MSG_* of `<sys/socket.h>`: the flags of sends and receives. See send(2), recv(2).
 */

/** Urgent data. */
export const MSG_OOB = 0x1;
/** Leave what was received in the queue. */
export const MSG_PEEK = 0x2;
/** Send to hosts on the own network only. */
export const MSG_DONTROUTE = 0x4;
/** What came beside the bytes was cut short, descriptors among it. */
export const MSG_CTRUNC = 0x8;
/** A datagram was cut short; as a request, answer its whole length. */
export const MSG_TRUNC = 0x20;
/** Do not block, whatever O_NONBLOCK says. */
export const MSG_DONTWAIT = 0x40;
/** The end of a record. */
export const MSG_EOR = 0x80;
/** Block until all bytes are there. */
export const MSG_WAITALL = 0x100;
/** Receive from the queue of errors. */
export const MSG_ERRQUEUE = 0x2000;
/** Send no SIGPIPE. Every send of this package has it. */
export const MSG_NOSIGNAL = 0x4000;
/** More data follows. */
export const MSG_MORE = 0x8000;
/** Descriptors that come with a message are close-on-exec. Every receive of messages of this library has it. */
export const MSG_CMSG_CLOEXEC = 0x4000_0000;
