/**
 * Protocol buffers, read and written by tables of fields.
 *
 * @module
 */
export { readMessage } from "./read.ts";
export type { Field, MessageOf, Scalar, Schema } from "./schema.ts";
export { writeMessage } from "./write.ts";
