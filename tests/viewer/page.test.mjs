// trace.html in headless Chromium: its numbers, its keys, its tables.

import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {folder, open, operations, photograph, pictures, totals, unread} from './browser.mjs';
import {expected, expectedTotals, lines, request, sample} from './sample.mjs';

const span = (page) => page.$eval('#waterfall', (canvas) => canvas.dataset.to - canvas.dataset.from);

test('the numbers of the table are those of the trace', async () => {
  const page = await open({'sample.jsonl': lines(sample())});
  assert.deepEqual(await operations(page), expected(sample()));
  assert.deepEqual(await page.$$eval('#operations thead th', (heads) => heads.map((head) => head.innerText)),
    ['method', 'tool', 'from', 'count', 'errors', 'p50', 'p90', 'p99', 'max']);
  assert.equal(await unread(page), 0);
  await photograph(page, 'light.png', 'dark.png');
  await page.close();
});

test('the totals and the lists are those of the trace', async () => {
  const page = await open({'sample.jsonl': lines(sample())});
  const shown = await totals(page);
  for (const [name, value] of Object.entries(expectedTotals(sample())))
    assert.equal(shown[name][typeof value === 'string' ? 'text' : 'value'], value, name);
  assert.equal(shown['in flight at most'].value, 20);
  await page.close();
});

test('more in flight than there were are not drawn, though times may seem to overlap', async () => {
  // Each takes the slot of another; the clock was read a little later for those that ended first.
  const records = [0, 1, 2, 3].map((i) => request(1000 * i, 1030, 'ping', {inFlight: 0}));
  const page = await open({'slot.jsonl': lines(records)});
  assert.equal((await totals(page))['in flight at most'].value, 1);
  assert.equal(await page.getAttribute('#in-flight', 'data-most'), '1');
  await page.close();
});

test('it is legible on a small screen: nothing sticks out at the side', async () => {
  const page = await open({'sample.jsonl': lines(sample())}, {viewport: {width: 360, height: 700}});
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await page.screenshot({path: join(pictures, 'small.png'), fullPage: true});
  await page.close();
});

test('several files are one trace, in whatever order they are given', async () => {
  const all = sample();
  const page = await open({'trace.jsonl': lines(all.slice(30)), 'trace.jsonl.1': lines(all.slice(0, 30))});
  assert.deepEqual(await operations(page), expected(all));
  await page.close();
});

test('a slot that is taken as it becomes free is one in flight', async () => {
  const page = await open({'slot.jsonl': lines([request(0, 1000, 'a'), request(999, 1000, 'b'), request(1998, 1000, 'c')])});
  assert.match(await page.innerText('#totals'), /in flight at most\s+1\b/i);
  await page.close();
});

test('files are read to their end though none are dropped meanwhile', async () => {
  const page = await open({'sample.jsonl': lines(sample())});
  await page.evaluate((text) => {
    open([new File([text], 'again.jsonl')]);
    open([]);
  }, lines(sample()));
  await page.waitForSelector('body[data-state=ready]', {timeout: 10000});
  assert.deepEqual(await operations(page), expected(sample()));
  await page.close();
});

test('the buttons of the lists are named by the time they show', async () => {
  const page = await open({'sample.jsonl': lines(sample())});
  const button = page.locator('#slowest tbody button').first();
  assert.equal(await page.getByRole('button', {name: await button.innerText(), exact: true}).count() > 0, true);
  await page.close();
});

test('a line that cannot be read is counted, with the reason', async () => {
  const text = lines(sample()) + 'nonsense\n[1]\n\n{"a":1}\n{"time":"2025-11-26T12:15:14.1Z","stdiogate.outcome":"answered"}\n' +
    '{"session_id":"x","seq":1,"ts":"2025-11-26T12:15:14Z","direction":"c2s"}\n' +
    '{"time":"2025-11-26T12:15:14.1Z","duration_s":"5","stdiogate.outcome":"answered"}\n{"time":"2025-11-26T12:15:14.1Z","stdiogate.event":5}\n' +
    '{"time":"2025-11-26T12:15:14Z","level":"debug","event":"answered","latencyUs":"x"}\n{"time":"2025-11-26T12:1';
  const page = await open({'sample.jsonl': text});
  assert.equal(await unread(page), 9);
  const said = await page.innerText('#unread');
  for (const why of ['not JSON', 'not an object', 'no time', 'no duration', 'an odd duration_s', 'an odd stdiogate.event', '--record', 'ends within']) assert.ok(said.includes(why), why);
  assert.deepEqual(await operations(page), expected(sample()));
  await page.close();
});

test('a JSON log at debug is shown, too', async () => {
  const log = [
    {time: '2025-11-26T12:15:14.001Z', level: 'debug', event: 'request', from: 'client', id: 1, wireId: 133, method: 'ping', inFlight: 1},
    {time: '2025-11-26T12:15:14.002Z', level: 'debug', event: 'answered', from: 'client', id: 1, wireId: 133, method: 'ping', latencyUs: 950, inFlight: 0},
    {time: '2025-11-26T12:15:14.102Z', level: 'warn', event: 'timeout', from: 'client', id: 2, wireId: 134, method: 'ping', latencyUs: 100000, inFlight: 0},
  ];
  const page = await open({'gate.log': lines(log)});
  assert.deepEqual(await operations(page), [
    {method: 'ping', tool: '', from: 'client', count: 2, errors: 1, p50: 0.00095, p90: 0.1, p99: 0.1, max: 0.1}]);
  assert.equal(await unread(page), 0);
  await page.close();
});

test('keys, wheel and drag zoom and pan', async () => {
  const page = await open({'sample.jsonl': lines(sample())});
  const all = await span(page);
  await page.focus('#waterfall');
  const press = async (key) => {
    await page.keyboard.press(key);
    await page.evaluate(() => new Promise(requestAnimationFrame));
    await page.evaluate(() => new Promise(requestAnimationFrame));
    return page.$eval('#waterfall', (canvas) => [Number(canvas.dataset.from), Number(canvas.dataset.to)]);
  };
  await press('+');
  const [from] = await press('+');
  assert.ok(Math.abs(await span(page) - all / 4) < 1e-6);
  assert.ok((await press('ArrowRight'))[0] > from);
  assert.ok(Math.abs((await press('ArrowLeft'))[0] - from) < 1e-6);
  await press('-');
  assert.ok(Math.abs(await span(page) - all / 2) < 1e-6);
  assert.deepEqual(await press('Home'), [0, all]);
  await page.hover('#waterfall');
  await page.mouse.wheel(0, -400);
  await page.waitForFunction((whole) => {
    const {from: t0, to: t1} = document.getElementById('waterfall').dataset;
    return t1 - t0 < whole;
  }, all);
  const before = await page.$eval('#waterfall', (canvas) => Number(canvas.dataset.from));
  const box = await page.locator('#waterfall').boundingBox();
  await page.mouse.move(box.x + 400, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + 300, box.y + 60, {steps: 4});
  await page.mouse.up();
  await page.waitForFunction((t0) => Number(document.getElementById('waterfall').dataset.from) > t0, before);
  await page.close();
});

test('hovering tells every key of a request', async () => {
  const page = await open({'sample.jsonl': lines(sample())});
  const box = await page.locator('#waterfall').boundingBox();
  const [from, to] = await page.$eval('#waterfall', (canvas) => [Number(canvas.dataset.from), Number(canvas.dataset.to)]);
  await page.mouse.move(box.x + box.width * (0.02 - from) / (to - from), box.y + 20 + 6);
  await page.waitForSelector('#hover:not([hidden]) dd');
  const initialize = sample().find((record) => record['mcp.method.name'] === 'initialize');
  assert.deepEqual(await page.$$eval('#hover dt', (keys) => keys.map((key) => key.textContent)), Object.keys(initialize));
  await page.close();
});

test('the tables sort by a key press and say how', async () => {
  const page = await open({'sample.jsonl': lines(sample())});
  await page.focus('#operations th:nth-child(9) button');
  await page.keyboard.press('Enter');
  const order = () => page.$$eval('#operations td:nth-child(9)', (cells) => cells.map((cell) => Number(cell.dataset.value)));
  assert.deepEqual(await order(), (await order()).toSorted((a, b) => b - a));
  assert.equal(await page.getAttribute('#operations th:nth-child(9)', 'aria-sort'), 'descending');
  await page.keyboard.press('Enter');
  assert.deepEqual(await order(), (await order()).toSorted((a, b) => a - b));
  assert.equal(await page.getAttribute('#operations th:nth-child(9)', 'aria-sort'), 'ascending');
  await page.close();
});

test('the slowest, the failed, the servers and the totals are told', async () => {
  const page = await open({'sample.jsonl': lines(sample())});
  const cells = (table, column) => page.$$eval(`${table} tbody td:nth-child(${column})`, (all) => all.map((cell) => cell.innerText));
  const requests = sample().filter((record) => 'stdiogate.outcome' in record);
  const longest = requests.map((record) => record.duration_s).sort((a, b) => b - a).slice(0, 20);
  assert.deepEqual(await page.$$eval('#slowest td[data-value]', (all) => all.map((cell) => Number(cell.dataset.value))), longest);
  assert.equal((await cells('#failed', 7)).length,
    requests.filter((record) => 'error.type' in record && record['error.type'] !== 'cancelled').length);
  assert.deepEqual(await cells('#servers', 2), ['start', 'start', 'replaced', 'end', 'end']);
  const totals = await page.innerText('#totals');
  assert.match(totals, new RegExp(`requests\\s+${requests.length}\\b`));
  assert.match(totals, /records lost\s+3\b/);
  await page.click('#slowest tbody button');
  await page.waitForSelector('#details dd');
  assert.ok((await page.innerText('#details')).includes('timeout'));
  await page.close();
});

test('a file larger than one slice is read whole, with progress', async () => {
  const records = Array.from({length: 40}, () => sample()).flat();
  const many = Array.from({length: 10}, () => lines(records)).join('');
  const page = await open({'many.jsonl': many});
  const counted = (await operations(page)).reduce((sum, row) => sum + row.count, 0);
  assert.equal(counted, 400 * sample().filter((record) => 'stdiogate.outcome' in record).length);
  assert.ok(await page.$eval('#progress', (bar) => bar.value === bar.max));
  await page.close();
});

test('a trace the program has written is shown, and every number of the table is right', async () => {
  const trace = join(folder, 'demo.jsonl');
  const demo = spawnSync(join(process.env.STDIOGATE_BUILD, 'demo'),
    [process.env.STDIOGATE, join(process.env.STDIOGATE_BUILD, 'demo_server'), trace]);
  assert.equal(demo.status, 0);
  const text = readFileSync(trace, 'utf8');
  const records = text.trimEnd().split('\n').map((line) => JSON.parse(line));
  const page = await open({'demo-trace.jsonl': text}, {viewport: {width: 960, height: 900}});
  assert.deepEqual(await operations(page), expected(records));
  assert.equal(await unread(page), 0);
  await page.screenshot({path: join(pictures, 'demo.png')});
  await page.close();
});
