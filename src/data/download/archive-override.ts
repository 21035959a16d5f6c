/** An address to fetch an archive from instead of its authors' site, and the archive's MD5 sum there. */
export interface ArchiveOverride {
  readonly url?: string | undefined;
  readonly md5?: string | undefined;
}

/**
 * Reads QPRUNE_CIFAR_URL, the full address of an archive (such as a mirror's), and QPRUNE_CIFAR_MD5. Without the second,
 * the archive must have the authors' MD5 sum.
 */
export const archiveOverride = (env: Readonly<NodeJS.ProcessEnv>): ArchiveOverride => ({
  url: env.QPRUNE_CIFAR_URL || undefined,
  md5: env.QPRUNE_CIFAR_MD5?.toLowerCase() || undefined,
});
