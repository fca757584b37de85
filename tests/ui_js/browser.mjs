// What every browser has and Debian's node (18) does not: tests of code that makes ids import this first.
import { webcrypto } from "node:crypto";

globalThis.crypto ??= webcrypto;
