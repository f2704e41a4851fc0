/** Exit codes of every command; part of the command line's contract. */
export const exitCode = { ok: 0, failed: 1, usage: 2, desync: 3, crashed: 4, interrupted: 130 } as const;
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];
