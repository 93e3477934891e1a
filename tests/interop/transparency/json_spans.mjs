// Where values stand in JSON text; JSON.parse cannot tell. Of text that is not valid it finds something,
// and ends.

const kBlank = /[ \t\r\n]*/y;

function skipBlank(text, at) {
  kBlank.lastIndex = at;
  kBlank.test(text);
  return kBlank.lastIndex;
}

function endOfString(text, at) {
  for (let i = at + 1; i < text.length; ++i) {
    if (text[i] === '\\') ++i;
    else if (text[i] === '"') return i + 1;
  }
  return text.length;
}

/// One past the value that begins at `at`. Counts brackets: values may be nested deeper than a stack.
function endOfValue(text, at) {
  let depth = 0;
  for (let i = at; ; ) {
    const c = text[i];
    if (c === '"') i = endOfString(text, i);
    else if (c === '{' || c === '[') ++depth, ++i;
    else if (c === '}' || c === ']') --depth, ++i;
    else if (c === undefined) return i;
    else if (/[\s,:]/.test(c)) ++i;
    else while (i < text.length && !/[\s,\]}]/.test(text[i])) ++i;
    if (depth === 0) return i;
  }
}

/// The span of the member `name` of the object at `at`, or null.
function member(text, at, name) {
  if (text[at] !== '{') return null;
  for (let i = skipBlank(text, at + 1); text[i] === '"'; ) {
    const keyEnd = endOfString(text, i);
    const key = JSON.parse(text.slice(i, keyEnd));
    const start = skipBlank(text, skipBlank(text, keyEnd) + 1);
    const end = endOfValue(text, start);
    if (key === name) return { start, end };
    i = skipBlank(text, end);
    if (text[i] === ',') i = skipBlank(text, i + 1);
  }
  return null;
}

/// The span of the value that the member names lead to, or null.
export function find(text, ...names) {
  let span = { start: skipBlank(text, 0) };
  for (const name of names) {
    span = member(text, span.start, name);
    if (!span) return null;
  }
  return span;
}

/// The text of that value, or undefined.
export function textAt(text, ...names) {
  const span = find(text, ...names);
  return span ? text.slice(span.start, span.end) : undefined;
}

/// The messages of a line: itself, or the elements of an array.
export function messagesOf(line) {
  const elements = [];
  let i = skipBlank(line, 0);
  if (line[i] !== '[') return [line];
  for (i = skipBlank(line, i + 1); i < line.length && line[i] !== ']'; ) {
    const end = endOfValue(line, i);
    elements.push(line.slice(i, end));
    i = skipBlank(line, end);
    if (line[i] === ',') i = skipBlank(line, i + 1);
  }
  return elements;
}
