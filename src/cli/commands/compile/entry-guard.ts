/**
 * What an executable for Linux on x64 does before all else. The runtime crashes, with a report of many lines, where /proc
 * is not mounted, is ended by the system on a processor that lacks its instructions, and takes a closed standard output
 * for the null device: long before a line of ours. So the executable begins with a few instructions of its own, which
 * say what is missing in one line, or see to the streams and go on to where it began before.
 */
const NO_PROC = `error: /proc is not mounted, and the runtime of this program needs it
  hint: mount -t proc proc /proc
`;
const NO_CPU = `error: this processor lacks SSE4.2 or POPCNT, which the runtime of this program needs
  hint: use a machine of 2009 or later; in a virtual machine, give it the processor of its host
`;

/**
 * The instructions:
 *
 *     push rdx                            what the system has left for the program
 *     access("/proc/self/maps", F_OK)     negative: say NO_PROC
 *     cpuid 1, ecx & (SSE4.2 | POPCNT)    not both: say NO_CPU
 *     fcntl(0, F_GETFD)                   negative: open("/dev/null", O_WRONLY)
 *     fcntl(1, F_GETFD)                   negative: open("/dev/null", O_RDONLY)
 *     pop rdx; jump to where it began
 *     say: write(2, text, length); exit_group(1)
 *
 * The runtime would open the null device for reading and writing in place of a stream that is closed, and rows that are
 * written there are lost in silence. What is opened here in its place can be used in the other direction only, so that
 * a write fails (EBADF) as it does on a closed stream, and no later file gets the number of one.
 */
const CODE = Buffer.from(
  "52b815000000488d3daa00000031f60f0585c0787053b80100000031c90fa25b81e10000900081f9000090007565" +
    "31ffbe01000000b8480000000f0585c07913488d3d80000000be01000000b8020000000f05" +
    "bf01000000be01000000b8480000000f0585c07910488d3d5800000031f6b8020000000f05" +
    "5a48b80000000000000000ffe0" +
    "488d3545000000ba00000000eb0c" +
    "488d3500000000ba00000000" +
    "b801000000bf020000000f05b8e7000000bf010000000f05",
  "hex",
);
const PATHS = "/proc/self/maps\0/dev/null\0";
/** Where the code holds the place to go on to, how far its texts are, and their lengths. */
const GO_ON_AT = 0x7b;
const NO_PROC_DISTANCE_AT = 0x88;
const NO_PROC_FROM = 0x8c;
const NO_PROC_LENGTH_AT = 0x8d;
const NO_CPU_DISTANCE_AT = 0x96;
const NO_CPU_FROM = 0x9a;
const NO_CPU_LENGTH_AT = 0x9b;

/** @param begin Where the executable began. */
export function guardCode(begin: number): Buffer {
  const code = Buffer.from(CODE);
  const [noProc, noCpu] = [Buffer.from(NO_PROC), Buffer.from(NO_CPU)];
  code.writeBigUInt64LE(BigInt(begin), GO_ON_AT);
  const texts = code.length + PATHS.length;
  code.writeUInt32LE(texts - NO_PROC_FROM, NO_PROC_DISTANCE_AT);
  code.writeUInt32LE(noProc.length, NO_PROC_LENGTH_AT);
  code.writeUInt32LE(texts + noProc.length - NO_CPU_FROM, NO_CPU_DISTANCE_AT);
  code.writeUInt32LE(noCpu.length, NO_CPU_LENGTH_AT);
  return Buffer.concat([code, Buffer.from(PATHS), noProc, noCpu]);
}
