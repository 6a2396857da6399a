export { SOL_SOCKET } from '@polyring/core';

/** The level of the options of IPv4. */
export const IPPROTO_IP = 0;
/** The level of the options of TCP. */
export const IPPROTO_TCP = 6;
/** The level of the options of UDP. */
export const IPPROTO_UDP = 17;
/** The level of the options of IPv6. */
export const IPPROTO_IPV6 = 41;

/** An address whose last connections linger may be bound again. */
export const SO_REUSEADDR = 2;
/** The type, read only. */
export const SO_TYPE = 3;
/** The pending error, cleared by asking; such as why a connect failed. */
export const SO_ERROR = 4;
/** Datagrams may be broadcast. */
export const SO_BROADCAST = 6;
/** Bytes of the send buffer; the kernel doubles what is set. */
export const SO_SNDBUF = 7;
/** Bytes of the receive buffer; the kernel doubles what is set. */
export const SO_RCVBUF = 8;
/** A silent connection is probed. */
export const SO_KEEPALIVE = 9;
/** Urgent data comes in line. */
export const SO_OOBINLINE = 10;
/** The priority of packets. */
export const SO_PRIORITY = 12;
/** `struct linger`: what close does with unsent data. */
export const SO_LINGER = 13;
/** Several sockets may share the address (Linux 3.9). */
export const SO_REUSEPORT = 15;
/** Credentials of the sender come with messages. */
export const SO_PASSCRED = 16;
/** `struct ucred` of the peer of a unix socket, read only. */
export const SO_PEERCRED = 17;
/** The fewest bytes that make a socket readable. */
export const SO_RCVLOWAT = 18;
/** The interface a socket is bound to, by name. */
export const SO_BINDTODEVICE = 25;
/** Whether the socket listens, read only. */
export const SO_ACCEPTCONN = 30;
/** The protocol, read only (Linux 2.6.32). */
export const SO_PROTOCOL = 38;
/** The address family, read only (Linux 2.6.32). */
export const SO_DOMAIN = 39;
/** Microseconds to poll the device busily (Linux 3.11). */
export const SO_BUSY_POLL = 46;
/** The processor that received last (Linux 3.19). */
export const SO_INCOMING_CPU = 49;
/** MSG_ZEROCOPY is allowed (Linux 4.14). */
export const SO_ZEROCOPY = 60;

/** Send at once, without waiting for more. */
export const TCP_NODELAY = 1;
/** Send full segments only. */
export const TCP_CORK = 3;
/** Seconds of silence before the first probe. */
export const TCP_KEEPIDLE = 4;
/** Seconds between probes. */
export const TCP_KEEPINTVL = 5;
/** Probes without an answer that end a connection. */
export const TCP_KEEPCNT = 6;
/** Seconds a listener waits for the first data before it accepts. */
export const TCP_DEFER_ACCEPT = 9;
/** `struct tcp_info`, read only. */
export const TCP_INFO = 11;
/** Acknowledge at once. */
export const TCP_QUICKACK = 12;
/** Milliseconds that sent data may stay unacknowledged (Linux 2.6.37). */
export const TCP_USER_TIMEOUT = 18;
/** The queue of a listener that accepts data with the first packet (Linux 3.7). */
export const TCP_FASTOPEN = 23;

/** The type of service of packets. */
export const IP_TOS = 1;
/** The time to live of packets. */
export const IP_TTL = 2;
/** The socket speaks IPv6 only. */
export const IPV6_V6ONLY = 26;
