// trace.html in headless Chromium, and what it shows.

import assert from 'node:assert/strict';
import {mkdirSync, mkdtempSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before} from 'node:test';
import {chromium} from 'playwright-core';
import {byName} from './sample.mjs';

const address = new URL('../../tools/viewer/trace.html', import.meta.url).href;
export const folder = mkdtempSync(join(tmpdir(), 'viewer-'));
export const pictures = join(process.env.STDIOGATE_BUILD ?? folder, 'viewer');
mkdirSync(pictures, {recursive: true});

let browser;
before(async () => {
  browser = await chromium.launch({executablePath: process.env.CHROMIUM, args: ['--no-sandbox']});
});
after(() => browser.close());

/**
 * A page with these files open: {name: text}. It fails the test if its script does, or asks for
 * anything else. `prepare(page)` runs before the files are opened.
 */
export async function open(files, {prepare = () => {}, ...options} = {}) {
  const page = await browser.newPage({viewport: {width: 1100, height: 800}, ...options});
  page.on('pageerror', (error) => assert.fail(error));
  page.on('request', (request) => assert.equal(request.url(), address));
  await page.goto(address);
  await prepare(page);
  assert.equal(await page.getAttribute('body', 'data-state'), 'empty');
  const paths = Object.entries(files).map(([name, text]) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  });
  await page.setInputFiles('#files', paths);
  await page.waitForSelector('body[data-state=ready]');
  return page;
}

/** What was to be drawn has been: the page draws in the next frame, the one after follows it. */
export const drawn = (page) => page.evaluate(() => new Promise((resolve) => {
  requestAnimationFrame(() => requestAnimationFrame(resolve));
}));

/** Pictures of the whole page, light and dark. It stays dark. */
export async function photograph(page, light, dark) {
  await page.screenshot({path: join(pictures, light), fullPage: true});
  await page.emulateMedia({colorScheme: 'dark'});
  await drawn(page);
  await page.screenshot({path: join(pictures, dark), fullPage: true});
}

export const operations = async (page) =>
  (await page.$$eval('#operations tbody tr', (rows) => rows.map((row) => {
    const [count, errors, p50, p90, p99, max] =
      [...row.querySelectorAll('td[data-value]')].map((cell) => Number(cell.dataset.value));
    const {method, tool, from} = row.dataset;
    return {method, tool, from, count, errors, p50, p90, p99, max};
  }))).sort(byName);

/** The totals by their names: the number, and the text that shows it. */
export const totals = async (page) =>
  Object.fromEntries(await page.$$eval('#totals > div', (boxes) => boxes.map((box) => {
    const {dataset, innerText} = box.querySelector('dd');
    const value = dataset.value === undefined ? undefined : Number(dataset.value);
    return [box.querySelector('dt').innerText, {value, text: innerText}];
  })));

/** The cells of a table's body, row by row. */
export const rows = (page, table) => page.$$eval(`${table} tbody tr`, (lines) =>
  lines.map((line) => [...line.cells].map((cell) => cell.innerText)));

export const unread = (page) => page.$eval('#unread', (box) => Number(box.dataset.value));
