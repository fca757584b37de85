// Ids of edits, annotations and objects.

/** A random id of 32 hexadecimal digits; also where crypto.randomUUID is missing (plain http). */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
