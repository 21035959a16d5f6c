/** Where to fetch an archive from instead of its authors' site, and what its MD5 sum is there. */
export interface ArchiveOverride {
  readonly url?: string | undefined;
  readonly md5?: string | undefined;
}

/**
 * Reads QPRUNE_CIFAR_URL, the full address of an archive (a mirror, say), and QPRUNE_CIFAR_MD5.
 * Without the second the archive must still have the authors' sum.
 */
export const archiveOverride = (env: Readonly<NodeJS.ProcessEnv>): ArchiveOverride => ({
  url: env.QPRUNE_CIFAR_URL || undefined,
  md5: env.QPRUNE_CIFAR_MD5?.toLowerCase() || undefined,
});
