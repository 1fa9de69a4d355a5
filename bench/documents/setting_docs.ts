/**
 * What the comments of core/preset.ts say of each setting, as `deno doc --json` reads them.
 *
 * @module
 */

/** What a comment says of a setting. */
export interface SettingDoc {
  /** What it is. */
  readonly text: string;
  /** `@default`: its value where a preset leaves it out. */
  readonly fallback?: string;
  /** `@origin`: where it comes from. */
  readonly origin?: string;
}

/** A type as `deno doc` writes it; only what settings use. */
interface DocType {
  readonly kind: string;
  readonly value: unknown;
}

interface DocComment {
  readonly doc?: string;
  readonly tags?: readonly {
    readonly kind: string;
    readonly value?: string;
    readonly doc?: string;
  }[];
}

interface DocProperty {
  readonly name: string;
  readonly tsType: DocType;
  readonly jsDoc?: DocComment;
}

interface DocSymbol {
  readonly name: string;
  readonly declarations: readonly {
    readonly kind: string;
    readonly jsDoc?: DocComment;
    readonly def: {
      readonly properties?: readonly DocProperty[];
      readonly extends?: readonly DocType[];
    };
  }[];
}

/** What `deno doc --json` writes. */
export interface DocJson {
  readonly nodes: Readonly<Record<string, { readonly symbols: readonly DocSymbol[] }>>;
}

/**
 * Reads what comments say of settings.
 *
 * @param json Of core/preset.ts and the files whose types it uses
 * @returns Gives what the comment at a path says, e.g. `["train", "schedule", "peak"]`; names of attacks, systems
 * and threat models, and places in lists, stand in it as any key. Undefined where there is no setting or no comment
 */
export function readSettingDocs(
  json: DocJson,
): (path: readonly string[]) => SettingDoc | undefined {
  const interfaces = interfacesOf(json);
  return (path) => {
    let type: DocType = { kind: "typeRef", value: { typeName: "Preset" } };
    let found: DocProperty | undefined;
    for (const key of path) {
      const inner = contentOf(type);
      if (inner !== undefined) {
        type = inner;
        continue;
      }
      found = propertiesOf(type, interfaces).find(({ name }) => name === key);
      if (found === undefined) return undefined;
      type = found.tsType;
    }
    return found?.jsDoc && parseComment(found.jsDoc);
  };
}

type Interfaces = ReadonlyMap<string, DocSymbol["declarations"][number]["def"]>;

function interfacesOf({ nodes }: DocJson): Interfaces {
  return new Map(
    Object.values(nodes).flatMap(({ symbols }) =>
      symbols.flatMap(({ name, declarations }) =>
        declarations.filter(({ kind }) => kind === "interface")
          .map(({ def }) => [name, def] as const)
      )
    ),
  );
}

/** What a list or a record holds under any key; undefined for other types. */
function contentOf(type: DocType): DocType | undefined {
  const plain = plainType(type);
  if (plain.kind === "array") return plain.value as DocType;
  const { typeName, typeParams } = plain.value as { typeName?: string; typeParams?: DocType[] };
  return typeName === "Record" ? typeParams?.[1] : undefined;
}

/** A type without what changes nothing of its comments. */
function plainType(type: DocType): DocType {
  const value = type.value as { tsType?: DocType; typeName?: string; typeParams?: DocType[] };
  if (type.kind === "typeOperator" && value.tsType) return plainType(value.tsType);
  if (
    ["Readonly", "Partial", "Required", "Omit"].includes(value?.typeName ?? "") && value.typeParams
  ) {
    return plainType(value.typeParams[0]);
  }
  return type;
}

/** Own properties first, so that a comment goes before that of what is extended. */
function propertiesOf(type: DocType, interfaces: Interfaces): readonly DocProperty[] {
  const { properties, typeName } = plainType(type).value as {
    properties?: readonly DocProperty[];
    typeName?: string;
  };
  if (properties) return properties;
  const def = interfaces.get(typeName ?? "");
  const inherited = def?.extends?.flatMap((base) => propertiesOf(base, interfaces)) ?? [];
  return [...def?.properties ?? [], ...inherited];
}

/** Takes a comment apart; a tag counts wherever it stands. What follows a default in braces is its origin. */
function parseComment({ doc = "", tags = [] }: DocComment): SettingDoc {
  const told = tags.map(({ kind, value = "", doc = "" }) =>
    kind === "default" ? `@default {${value}} ${doc}` : value
  );
  const whole = [doc, ...told].join(" ").replaceAll(/\s+/g, " ").trim();
  const [, text, ...rest] =
    /^(.*?)\s*(?:@default (?:\{(.*?)\}(?= |$)([^@]*)|([^@]*)))?(?:@origin (.*))?$/.exec(whole)!;
  const [braced, after, bare, named] = rest.map((part) => part?.trim());
  const [fallback, origin] = [braced || bare, named || after];
  return { text, ...(fallback && { fallback }), ...(origin && { origin }) };
}
