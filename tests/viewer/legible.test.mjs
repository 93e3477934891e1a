// Can a person read the page: its colours, its labels, its numbers, and on a phone?

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {drawn, open, rows, totals} from './browser.mjs';
import {isShownAs, lines, request, sample, serverEvent} from './sample.mjs';

/** Notes what is written on the waterfall, and where; the last drawing counts. */
const watchPen = (page) => page.evaluate(() => {
  const pen = CanvasRenderingContext2D.prototype;
  const {scale, fillText, fillRect} = pen;
  const isWaterfall = ({canvas}) => canvas.id === 'waterfall';
  pen.scale = function (...all) {  // the first that a drawing does
    if (isWaterfall(this)) window.drawn = {labels: [], marks: []};
    return scale.apply(this, all);
  };
  pen.fillText = function (text, x, y) {
    if (isWaterfall(this))
      window.drawn.labels.push({text, left: x, right: x + this.measureText(text).width, y});
    return fillText.call(this, text, x, y);
  };
  pen.fillRect = function (x, y, width, height) {
    if (isWaterfall(this) && width === 1.5)
      window.drawn.marks.push({x, top: y, bottom: y + height});
    return fillRect.call(this, x, y, width, height);
  };
});

/** Relative luminance, as WCAG 2.2 defines it. */
function luminance(colour) {
  const [r, g, b] = colour.slice(1).match(/../g).map((hex) => parseInt(hex, 16) / 255)
    .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a, b) {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

for (const colorScheme of ['light', 'dark']) {
  test(`what has a meaning stands out from the ${colorScheme} background`, async () => {
    const page = await open({'sample.jsonl': lines(sample())}, {colorScheme});
    const colours = await page.evaluate(() => {
      const style = getComputedStyle(document.documentElement);
      const names = [...OUTCOMES, 'queued', 'mark', 'accent', 'card', 'text', 'dim'];
      return Object.fromEntries(names.map(
        (name) => [name, style.getPropertyValue(`--${name}`).trim()]));
    });
    const {queued, card, ...others} = colours;
    assert.ok(contrast(queued, card) >= 3, `queued: ${contrast(queued, card)}`);
    // These carry text, or are text.
    for (const [name, colour] of Object.entries(others))
      assert.ok(contrast(colour, card) >= 4.5, `${name}: ${contrast(colour, card)}`);
    await page.close();
  });
}

test('no label of the waterfall runs into another or is crossed by a mark', async () => {
  const events = [3, 2, 2.05, 2.1, 0, 1, 1.01, 3.001].map((second, i) =>
    serverEvent(second * 1e6, i % 2 ? 'server-end' : 'server-start', i + 1));
  const page = await open({
    'trace.jsonl': lines(events),
    'trace.jsonl.1': lines([request(0, 2.5e6, 'tools/call', {tool: 'slow'})]),
  }, {prepare: watchPen});
  await drawn(page);
  const {labels, marks} = await page.evaluate(() => window.drawn);
  assert.equal(marks.length, 8);
  assert.ok(labels.some(({text}) => text === 'start 5'));
  const width = await page.$eval('#waterfall', (canvas) => canvas.clientWidth);
  for (const a of labels) {
    assert.ok(a.left >= 0 && a.right <= width, `${a.text} is cut off`);
    for (const b of labels)
      assert.ok(a === b || Math.abs(a.y - b.y) > 10 || a.right < b.left || b.right < a.left,
        `${a.text} and ${b.text}`);
    for (const {x, top, bottom} of marks)
      assert.ok(a.text === 'slow' || a.y + 6 < top || a.y - 6 > bottom || x < a.left || x > a.right,
        `${a.text} and a mark`);
  }
  await page.close();
});

test('of very many servers the last are listed, and no mark is drawn on another', async () => {
  const events = Array.from({length: 5000}, (_, i) => serverEvent(i * 1e4, 'server-start', i + 1));
  const page = await open({'trace.jsonl': lines(events)}, {prepare: watchPen});
  await drawn(page);
  const listed = await rows(page, '#servers');
  assert.deepEqual([listed.length, listed[0][2], listed[999][2]], [1000, '4001', '5000']);
  assert.equal(await page.innerText('#servers caption'), 'The last 1000 of 5,000.');
  assert.equal((await totals(page))['servers started'].value, 5000);
  const {labels, marks} = await page.evaluate(() => window.drawn);
  const width = await page.$eval('#waterfall', (canvas) => canvas.clientWidth);
  assert.ok(marks.length > width && marks.length <= 4 * width + 1, `${marks.length} marks`);
  assert.ok(labels.some(({text}) => text === 'start 1'));
  await page.close();
});

test('a tap on a phone tells every key of a request, a tap elsewhere hides it', async () => {
  const page = await open({'sample.jsonl': lines(sample())},
    {viewport: {width: 360, height: 700}, hasTouch: true, isMobile: true});
  const canvas = page.locator('#waterfall');
  await canvas.scrollIntoViewIfNeeded();
  const box = await canvas.boundingBox();
  await page.touchscreen.tap(box.x + box.width * 0.05, box.y + 20 + 6);
  await page.waitForSelector('#hover:not([hidden]) dd');
  const initialize = sample().find((record) => record['mcp.method.name'] === 'initialize');
  assert.deepEqual(await page.$$eval('#hover dt', (keys) => keys.map((key) => key.textContent)),
    Object.keys(initialize));
  const {x, y, width, height} = await page.locator('#hover').boundingBox();
  assert.ok(x >= 0 && y >= 0 && x + width <= 360 && y + height <= 700, 'it is on the screen');
  await page.locator('h1').evaluate((head) => head.scrollIntoView());
  await page.waitForSelector('#hover', {state: 'hidden'});
  await page.close();
});

test('a click tells the same, and says so beside the keys', async () => {
  const page = await open({'sample.jsonl': lines(sample())});
  const box = await page.locator('#waterfall').boundingBox();
  await page.mouse.click(box.x + box.width * 0.05, box.y + 20 + 6);
  await page.waitForSelector('#hover:not([hidden]) dd');
  assert.match(await page.innerText('.when-ready .bar'), /\btap\b/);
  await page.close();
});

test('waiting is called so, whatever a request waited for', async () => {
  const page = await open({'sample.jsonl': lines(sample())});
  assert.equal((await page.innerText('#legend > span:first-child')).trim(), 'waiting');
  await page.close();
});

test('no number is a power of ten, and each is right to three digits', async () => {
  const durations =
    [0, 1, 999, 999600, 999960, 99960000, 119900000, 122000000, 7190000000, 90000000000];
  const page = await open({'numbers.jsonl': lines(durations.map((duration, i) =>
    request(1e6 * i, duration, `m${i}`, {asked: 104000, answer: 1047000})))});
  const cells = await page.$$eval('#operations td[data-value], #totals dd[data-value]', (all) =>
    all.map((cell) => [Number(cell.dataset.value), cell.innerText]));
  for (const [value, shown] of cells.filter(([, text]) => !/^\d{4}-/.test(text)))
    assert.ok(isShownAs(value, shown), `${value} as ${shown}`);
  await page.close();
});

/** The end of a request in a log. */
const logLine = (millisecond, event, more) => ({
  time: `2025-11-26T12:15:14.${millisecond}Z`, level: 'debug', event, from: 'client', ...more});

test('what a log does not tell is shown as unknown, not as nothing', async () => {
  const log = [
    logLine('002', 'answered', {wireId: 64, method: 'tools/call', latencyUs: 950, inFlight: 2}),
    logLine('102', 'timeout', {method: 'ping', latencyUs: 100000}),
    {time: '2025-11-26T12:15:14.103Z', level: 'error', event: 'log-lines-lost', lines: 5},
  ];
  const page = await open({'gate.log': lines(log)});
  const shown = Object.entries(await totals(page)).map(([name, {text}]) => [name, text]);
  assert.deepEqual(Object.fromEntries(shown), {
    'requests': '2', 'errors': '\u2265 1', 'cancelled': '0', "the server's own": '0',
    'in flight at most': '3', 'servers started': '\u2013', 'requests, bytes': '\u2013',
    'answers, bytes': '\u2013', 'begun': '2025-11-26 12:15:14.001Z',
    'time shown in all': '101 ms', 'records lost': '5',
  });
  const table = await rows(page, '#operations');
  assert.deepEqual(table.map(([method, tool, , , errors]) => [method, tool, errors]),
    [['tools/call', '\u2013', '\u2013'], ['ping', '', '\u2265 1']]);
  assert.match(await page.innerText('#servers caption'), /log/);
  await page.close();
  const fine = await open({'gate.log': lines(log.slice(0, 1))});
  assert.equal((await totals(fine)).errors.text, '\u2013');
  assert.match(await fine.innerText('#failed caption'), /log/);
  await fine.close();
});

test('files without a record show no time', async () => {
  const page = await open({'empty.jsonl': '\n'});
  const {begun, 'time shown in all': time, requests} = await totals(page);
  assert.deepEqual([begun.text, time.text, requests.text], ['\u2013', '\u2013', '0']);
  await page.close();
});

const odd = [
  {...request(0, 1000, 'ping'), time: '0001-01-01T00:00:00.000000Z'},
  {...request(0, 1000, 'ping'), time: '9999-12-31T23:59:59.999999Z'},
  {...request(0, 1000, 'ping'), time: '1970-01-01T00:00:10.000000Z'},
  {...request(0, 1000, 'ping'), time: '2240-01-01T00:00:10.000000Z'},
  {...request(0, 1000, 'ping'), duration_s: 9e14},
  {...serverEvent(0, 'server-start', 7), time: '1970-01-01T00:00:09.000000Z'},
];

const limit = {timeout: 30_000};

test('odd clocks are left out, with a note, and the page stays alive', limit, async () => {
  const page = await open({'odd.jsonl': lines([...odd, ...sample()])});
  assert.equal(await page.$eval('#unread', (box) => Number(box.dataset.value)), odd.length);
  const said = await page.innerText('#unread');
  assert.ok(said.includes('2: no time that this page can show'), said);
  assert.ok(said.includes('4: over ten years from the other lines'), said);
  const clean = await open({'sample.jsonl': lines(sample())});
  assert.deepEqual(await totals(page), await totals(clean));
  assert.ok(await page.$eval('#progress', (bar) => bar.value === bar.max));
  await clean.close();
  await page.close();
});

test('a page that changes its size while it fills its lists goes on', limit, async () => {
  const page = await open({'odd.jsonl': lines([odd[3]])}, {
    prepare: (page) => page.evaluate(() => {
      const fill = fillUnread;
      fillUnread = () => { fill(); draw(); };  // as the next frame does after a change
    }),
  });
  await drawn(page);
  await page.close();
});

for (const record of odd) {
  test(`alone, a record of ${record.time} that took ${record.duration_s} s does not stop the page`,
    limit, async () => {
      const page = await open({'odd.jsonl': lines([record])});
      await page.focus('#waterfall');
      for (const key of ['+', '+', 'ArrowRight', '-', 'Home']) await page.keyboard.press(key);
      await drawn(page);
      await page.close();
    });
}
