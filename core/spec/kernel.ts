/** The kernel that is imitated where programs ask for one, as three numbers. */
export const KERNEL_RELEASE = [6, 18, 0] as const;

export const KERNEL_VERSION = KERNEL_RELEASE.slice(0, 2).join('.');
