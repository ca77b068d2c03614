/**
 * Error numbers helpers return, negated: include/uapi/asm-generic/errno*.h and
 * include/linux/errno.h.
 */
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  E2BIG: 7,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  EINVAL: 22,
  ENOSPC: 28,
  ERANGE: 34,
  EDEADLK: 35,
  EOPNOTSUPP: 95,
  EPROTO: 71,
  EOVERFLOW: 75,
  EPROTOTYPE: 91,
  EPROTONOSUPPORT: 93,
  ESOCKTNOSUPPORT: 94,
  EAFNOSUPPORT: 97,
  ENETUNREACH: 101,
  EALREADY: 114,
  ENOTSUPP: 524,
} as const;

export type Errno = keyof typeof ERRNO;

/** What an error number of a helper is usually about. */
export const ERRNO_WORDS: Readonly<Partial<Record<Errno, string>>> = {
  EPERM: 'not permitted',
  ENOENT: 'there is no such entry',
  E2BIG: 'too big, or full',
  EAGAIN: 'no room now',
  ENOMEM: 'too short, or no memory',
  EACCES: 'not allowed',
  EFAULT: 'outside the packet or memory',
  EBUSY: 'in use',
  EEXIST: 'there is one already',
  ENODEV: 'there is no such device',
  EINVAL: 'an argument is not valid',
  ENOSPC: 'no room',
  ERANGE: 'out of range',
  EPROTO: 'of another kind',
  EOVERFLOW: 'too large',
  EOPNOTSUPP: 'not possible here',
  ENOTSUPP: 'not possible for this packet',
};

/** What a helper returns in r0 for an error. */
export const failure = (errno: Errno): bigint => BigInt(-ERRNO[errno]);
