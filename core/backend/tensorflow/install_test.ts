import assert from "node:assert/strict";
import { resolve } from "node:path";
import { cacheFolder } from "./install.ts";

const NAMES = ["HOME", "USERPROFILE", "LOCALAPPDATA", "XDG_CACHE_HOME", "REALIGN_CACHE"];

/** Runs with an environment of these variables alone. */
function withEnvironment(variables: Readonly<Record<string, string>>, work: () => void): void {
  const before = NAMES.map((name) => [name, Deno.env.get(name)] as const);
  for (const name of NAMES) Deno.env.delete(name);
  for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
  try {
    work();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  }
}

Deno.test("cacheFolder() is never the current folder for want of a home", () => {
  withEnvironment(
    {},
    () => assert.throws(cacheFolder, /HOME is not set: set REALIGN_CACHE to a folder$/),
  );
  withEnvironment({ HOME: "" }, () => assert.throws(cacheFolder, /HOME is not set/));
});

Deno.test("cacheFolder() is absolute, also where the environment is not", () => {
  withEnvironment({ REALIGN_CACHE: "kept" }, () => assert.equal(cacheFolder(), resolve("kept")));
  if (Deno.build.os !== "linux") return;
  withEnvironment({ XDG_CACHE_HOME: "cache", HOME: "/home/a" }, () => {
    assert.equal(cacheFolder(), `${resolve("cache")}/realign`);
  });
  withEnvironment({ XDG_CACHE_HOME: "", HOME: "/home/a" }, () => {
    assert.equal(cacheFolder(), "/home/a/.cache/realign");
  });
});
