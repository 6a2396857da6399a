/** epoll_ctl(2): register a descriptor. */
export const EPOLL_CTL_ADD = 1;
/** epoll_ctl(2): take a registration away. */
export const EPOLL_CTL_DEL = 2;
/** epoll_ctl(2): change a registration. */
export const EPOLL_CTL_MOD = 3;

/** There is data to read. */
export const EPOLLIN = 0x001;
/** There is urgent data, or a sysfs attribute changed. */
export const EPOLLPRI = 0x002;
/** Writing does not block. */
export const EPOLLOUT = 0x004;
/** An error is pending. Always reported. */
export const EPOLLERR = 0x008;
/** Both directions are shut. Always reported. */
export const EPOLLHUP = 0x010;
/** The peer shut its writing direction. */
export const EPOLLRDHUP = 0x2000;
/** Wake one of several epoll sets only (Linux 4.5). */
export const EPOLLEXCLUSIVE = 0x1000_0000;
/** Keep the system awake while the event is handled (Linux 3.5). */
export const EPOLLWAKEUP = 0x2000_0000;
/** Report once, then wait for EPOLL_CTL_MOD. */
export const EPOLLONESHOT = 0x4000_0000;
/** Report changes only, not states. */
export const EPOLLET = 0x8000_0000;
