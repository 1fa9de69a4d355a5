import assert from "node:assert/strict";
import { pageMarkup, type PageSource } from "./page_markup.ts";

const evil = `</script><img src=x onerror=alert(1)>"`;

const source: PageSource = {
  facts: {
    ...{ producer: "realign 0", run: "r", preset: evil, task: "t", dataset: "d", target: "o" },
    ...{ classNames: [], part: "system", warnings: ["it fails whitebox"] },
    figures: [
      { threatModel: "none", attack: "clean", metric: "accuracy", value: 0.9, count: 8 },
      {
        ...{ threatModel: "whitebox", attack: "pgd", metric: "accuracy", value: 0.01, count: 8 },
        alarms: ["steps-not-converged"],
      },
    ],
  },
  evaluation: undefined,
  content: {
    size: [4, 6],
    view: {
      ...{ kind: "label-map", outputs: ["logits"], shape: [1, 4, 6, 1] },
      ...{ classNames: [evil], colours: ["rgb(1 2 3)"] },
    },
    samples: [{ id: evil, truth: evil, image: "data:image/png;base64,AAAA" }],
    check: { stride: 1, restored: [], gradient: [] },
    ...{ seed: 1, epsilon: 8 },
  },
  checked: "read back",
  scripts: { page: 'const end = "</script>";', worker: 'const end = "<!--</script>";' },
  packed: { weights: "AAAA" },
};

Deno.test("pageMarkup escapes what it is given, in HTML, in JSON and in scripts", () => {
  const page = pageMarkup(source);
  assert.equal(page.match(/<script/g)!.length, page.match(/<\/script>/g)!.length);
  assert.doesNotMatch(page, /<img src=x|<!--/);
  const [, json] = /id="embedded-content">(.*?)<\/script>/s.exec(page)!;
  assert.deepEqual(JSON.parse(json), source.content);
  assert.ok(page.includes('const end = "\\x3c/script>";'));
});

Deno.test("pageMarkup shows figures, marks alarms, and names what people operate", () => {
  const page = pageMarkup(source);
  assert.match(page, /<li>It fails whitebox<\/li>/);
  assert.match(page, /whitebox<\/td>.*?>1\.0!<\/td>/s);
  assert.match(page, /! an alarm was raised: steps-not-converged/i);
  assert.match(page, /aria-label="Class colours"/);
  for (const [, id] of page.matchAll(/<label[^>]* for="([^"]+)"/g)) {
    assert.ok(page.includes(`id="${id}"`), id);
  }
  // Every input has a label: before it, or around it.
  for (const [input, id] of page.matchAll(/<(?:input|select)[^>]*\bid="([^"]+)"[^>]*>/g)) {
    const around = new RegExp(`<label[^>]*>(?:(?!</label>).)*id="${id}"`, "s");
    assert.ok(page.includes(`for="${id}"`) || around.test(page), input);
  }
});
