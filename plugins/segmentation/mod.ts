export * from "./models/mod.ts";
