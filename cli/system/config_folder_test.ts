import assert from "node:assert/strict";
import { configFolder } from "./config_folder.ts";

Deno.test("configFolder() is the user's, wherever the system says it is", () => {
  const of = (variables: Record<string, string>, os: typeof Deno.build.os = "linux") =>
    configFolder((name) => variables[name], os);
  assert.equal(of({ XDG_CONFIG_HOME: "/c", HOME: "/h" }), "/c/realign");
  assert.equal(of({ HOME: "/h" }), "/h/.config/realign");
  assert.equal(of({ XDG_CONFIG_HOME: "c", HOME: "/h" }), "/h/.config/realign");
  assert.equal(of({ HOME: "/h" }, "darwin"), "/h/Library/Application Support/realign");
  assert.equal(of({ LOCALAPPDATA: "/l", HOME: "/h" }, "windows"), "/l/realign/config");
  assert.equal(of({}), undefined);
});
