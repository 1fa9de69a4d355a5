/**
 * What people do to a page: keys, files that are chosen or dropped; and what they hear.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Tab } from "../bench/page/chromium.ts";

/** Keys with what the protocol says of them. */
const KEYS = {
  Tab: { code: "Tab", windowsVirtualKeyCode: 9 },
  Enter: { code: "Enter", windowsVirtualKeyCode: 13, text: "\r" },
  " ": { code: "Space", windowsVirtualKeyCode: 32, text: " " },
  ArrowRight: { code: "ArrowRight", windowsVirtualKeyCode: 39 },
  ArrowDown: { code: "ArrowDown", windowsVirtualKeyCode: 40 },
};

/** More elements than a page has that take the focus. */
const MOST_STOPS = 40;

/** Presses a key. */
export async function press(tab: Tab, key: keyof typeof KEYS): Promise<void> {
  await tab.send("Input.dispatchKeyEvent", { type: "keyDown", key, ...KEYS[key] });
  await tab.send("Input.dispatchKeyEvent", { type: "keyUp", key, ...KEYS[key] });
}

/** Goes to an element by Tab alone; the focus must be seen wherever it comes. */
export async function tabTo(tab: Tab, selector: string): Promise<void> {
  const passed: string[] = [];
  for (let stop = 0; stop < MOST_STOPS; stop++) {
    await press(tab, "Tab");
    const { name, isThere, isSeen } = await tab.evaluate<
      { name: string; isThere: boolean; isSeen: boolean }
    >(`(() => {
      const one = document.activeElement;
      const outlined = [one, one.closest(".drop")].filter(Boolean).map(getComputedStyle);
      return {
        name: one.id || one.className || one.tagName,
        isThere: one.matches(${JSON.stringify(selector)}),
        isSeen: one === document.body || one.matches(":focus-visible") &&
          outlined.some((style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2),
      };
    })()`);
    assert.ok(isSeen, `the focus is not seen on ${name}`);
    if (isThere) return;
    passed.push(name);
  }
  assert.fail(`Tab does not reach ${selector}, but ${passed.join(", ")}`);
}

/** Chooses a file by the page's input. */
export async function chooseFile(tab: Tab, path: string): Promise<void> {
  const { root } = await tab.send("DOM.getDocument") as { root: { nodeId: number } };
  const { nodeId } = await tab.send("DOM.querySelector", {
    nodeId: root.nodeId,
    selector: "#file",
  });
  await tab.send("DOM.setFileInputFiles", { nodeId, files: [path] });
}

/** Drops a file on the page, or text where there are no bytes. */
export async function drop(tab: Tab, name: string, bytes?: Uint8Array): Promise<void> {
  await tab.evaluate(`(() => {
    const dataTransfer = new DataTransfer();
    const bytes = ${bytes ? `Uint8Array.fromBase64("${bytes.toBase64()}")` : "undefined"};
    if (bytes) dataTransfer.items.add(new File([bytes], ${JSON.stringify(name)}));
    else dataTransfer.setData("text/plain", ${JSON.stringify(name)});
    const how = { dataTransfer, bubbles: true, cancelable: true };
    for (const kind of ["dragover", "drop"]) {
      const event = new DragEvent(kind, how);
      document.querySelector(".drop span").dispatchEvent(event);
      if (!event.defaultPrevented) throw new Error("the browser would leave the page");
    }
  })()`);
}

/** Waits until the page says what went wrong. */
export async function problemOf(tab: Tab): Promise<string> {
  return await tab.evaluate<string>(`(async () => {
    const line = document.getElementById("problem");
    for (let wait = 0; line.textContent === "" && wait < 200; wait++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const { top, bottom, height } = line.getBoundingClientRect();
    const isSeen = height > 0 && top > -1 && bottom < innerHeight + 1;
    return isSeen ? line.textContent : "unseen: " + [top, bottom, innerHeight];
  })()`);
}

/** Begins to listen to what screen readers hear of live regions. */
export async function listen(tab: Tab): Promise<void> {
  await tab.evaluate(`(() => {
    globalThis.heard = [];
    const live = '[aria-live="polite"], [role="status"], [role="alert"], output';
    new MutationObserver((changes) => {
      for (const { target } of changes) {
        const region = (target.closest ? target : target.parentElement).closest(live);
        if (region && region.textContent !== "") heard.push(region.textContent);
      }
    }).observe(document.body, { childList: true, characterData: true, subtree: true });
  })()`);
}

/** What was heard since it was last asked. */
export async function heard(tab: Tab): Promise<string[]> {
  return await tab.evaluate(`[...new Set(heard.splice(0))]`);
}

/** A picture's canvas, as bytes RGB; and what stands below it. */
export async function shown(tab: Tab, figure: string): Promise<{ pixels: number[]; says: string }> {
  return await tab.evaluate(`(() => {
    const one = document.querySelector('[data-figure="${figure}"]');
    const canvas = one.querySelector("canvas");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const isEmpty = one.classList.contains("empty");
    return {
      pixels: isEmpty ? [] : Array.from(data).filter((_, k) => k % 4 < 3),
      says: one.querySelector(".says").textContent,
    };
  })()`);
}
