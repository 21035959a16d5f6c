import { expect, test } from "vitest";
import { openBrowser } from "./open-browser.js";

test("text in a page of the packaged browser has a width, whatever fonts the machine has", async ({
  skip,
}) => {
  const opened = await openBrowser();
  if (opened.kind === "none") return skip(`Chromium does not start here: ${opened.why}`);
  try {
    const page = await opened.browser.newPage();
    await page.setContent(`<span style="font-size: 16px">qprune</span>`);
    const width = await page.$eval("span", (span) => span.getBoundingClientRect().width);
    expect(width).toBeGreaterThan(30);
    expect(await page.evaluate("document.body.innerText")).toBe("qprune");
  } finally {
    await opened.close();
  }
});
