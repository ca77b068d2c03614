/** Error numbers helpers return, negated: include/uapi/asm-generic/errno*.h and include/linux/errno.h. */
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

/** What a helper returns in r0 for an error. */
export const failure = (errno: Errno): bigint => BigInt(-ERRNO[errno]);
