# A trace for Perfetto (ui.perfetto.dev) and chrome://tracing: jq -n -f chrome.jq TRACE >trace.json
#
# Each request is a pair of events, "b" and "e", with an id of its own below the side that asked; what
# happened to servers is an instant. What comes after a line that is cut off is left out, with a word on stderr.

def microseconds:
  (.[0:19] + "Z" | fromdateiso8601) * 1000000 + ((.[20:] | rtrimstr("Z")) + "000000" | .[0:6] | tonumber);

def request($number):
  (.time | microseconds) as $until
  | {
      name: ([."mcp.method.name", ."gen_ai.tool.name" // ."gen_ai.prompt.name"] | map(select(. != null)) | join(" ")),
      cat: ."stdiogate.from",
      id: "\($number)",
      pid: 1,
      tid: 1
    } as $common
  | ($common + {ph: "b", ts: ($until - (.duration_s * 1000000 + 0.5 | floor)), args: .}),
    ($common + {ph: "e", ts: $until, args: {}});

def instant:
  {name: ."stdiogate.event", cat: "stdiogate", ph: "i", s: "g", ts: (.time | microseconds), pid: 1, tid: 1, args: .};

{
  displayTimeUnit: "ms",
  traceEvents: [
    {name: "process_name", ph: "M", pid: 1, tid: 1, args: {name: "stdiogate"}},
    foreach (try inputs catch ("chrome.jq: \(.)\n" | stderr | empty)) as $record (0; . + 1;
      . as $number
      | $record
      | if has("stdiogate.outcome") then request($number) else instant end)
  ]
}
