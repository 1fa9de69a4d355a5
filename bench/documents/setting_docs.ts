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
  readonly tags?: readonly { readonly kind: string; readonly value?: string }[];
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
    readonly def: { readonly properties?: readonly DocProperty[] };
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
  const interfaces = new Map(
    Object.values(json.nodes).flatMap(({ symbols }) =>
      symbols.flatMap(({ name, declarations }) =>
        declarations.filter(({ kind }) => kind === "interface")
          .map(({ def }) => [name, def.properties ?? []] as const)
      )
    ),
  );
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

/** What a list or a record holds under any key; undefined for other types. */
function contentOf(type: DocType): DocType | undefined {
  const plain = withoutReadonly(type);
  if (plain.kind === "array") return plain.value as DocType;
  const { typeName, typeParams } = plain.value as { typeName?: string; typeParams?: DocType[] };
  return typeName === "Record" ? typeParams?.[1] : undefined;
}

function withoutReadonly(type: DocType): DocType {
  const value = type.value as { tsType?: DocType; typeName?: string; typeParams?: DocType[] };
  if (type.kind === "typeOperator" && value.tsType) return withoutReadonly(value.tsType);
  if (value?.typeName === "Readonly" && value.typeParams) {
    return withoutReadonly(value.typeParams[0]);
  }
  return type;
}

function propertiesOf(
  type: DocType,
  interfaces: ReadonlyMap<string, readonly DocProperty[]>,
): readonly DocProperty[] {
  const { properties, typeName } = withoutReadonly(type).value as {
    properties?: readonly DocProperty[];
    typeName?: string;
  };
  return properties ?? interfaces.get(typeName ?? "") ?? [];
}

/** Takes a comment apart; a tag counts wherever it stands. */
function parseComment({ doc = "", tags = [] }: DocComment): SettingDoc {
  const told = tags.map(({ kind, value = "" }) => kind === "default" ? `@default ${value}` : value);
  const whole = [doc, ...told].join(" ").replaceAll(/\s+/g, " ").trim();
  const [, text, fallback, origin] = /^(.*?)\s*(?:@default \{?(.*?)\}?)?\s*(?:@origin (.*))?$/.exec(
    whole,
  )!;
  return { text, ...(fallback && { fallback }), ...(origin && { origin }) };
}
