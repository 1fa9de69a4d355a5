/**
 * Identifies the protobuf files of networks by their top-level fields.
 *
 * @module
 */

/** What a protobuf file holds. */
export type ProtobufKind = "onnx" | "saved-model" | "graph";

/** The number and kind of each field: 0 a number, 2 bytes. Undefined if the bytes are no such message. */
function fieldsOf(bytes: Uint8Array): [number: number, wire: number][] | undefined {
  const fields: [number, number][] = [];
  let position = 0;
  const readNumber = () => {
    let value = 0;
    for (let shift = 0; shift < 49 && position < bytes.length; shift += 7) {
      const byte = bytes[position++];
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    return -1;
  };
  while (position < bytes.length) {
    const tag = readNumber();
    const wire = tag % 8;
    const length = readNumber();
    if (tag < 8 || length < 0 || wire !== 0 && wire !== 2) return undefined;
    if (wire === 2) position += length;
    if (position > bytes.length) return undefined;
    fields.push([Math.floor(tag / 8), wire]);
  }
  return fields;
}

/**
 * Identifies a protobuf file: ONNX's ModelProto, TensorFlow's SavedModel or GraphDef.
 *
 * @param bytes The whole file
 * @returns The kind, undefined for anything else
 */
export function protobufKind(bytes: Uint8Array): ProtobufKind | undefined {
  const fields = fieldsOf(bytes);
  if (fields === undefined || fields.length === 0) return undefined;
  const has = (number: number, wire: number) =>
    fields.some((field) => field[0] === number && field[1] === wire);
  const within = (...numbers: number[]) => fields.every(([number]) => numbers.includes(number));
  // ir_version and graph; producer, domain, version, text, opsets, properties, training, functions.
  if (has(1, 0) && has(7, 2) && within(1, 2, 3, 4, 5, 6, 7, 8, 14, 20, 25)) return "onnx";
  // saved_model_schema_version and meta_graphs.
  if (has(1, 0) && has(2, 2) && within(1, 2)) return "saved-model";
  // node, library, versions.
  if (has(1, 2) && within(1, 2, 3, 4)) return "graph";
  return undefined;
}
