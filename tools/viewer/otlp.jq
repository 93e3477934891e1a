# A trace as OTLP/JSON, one TracesData a line: jq -c -f otlp.jq TRACE
#
# One span for each request. Times are text, exact to the microsecond: jq 1.6 computes in doubles,
# which hold microseconds since 1970 but not nanoseconds.

def microseconds:
  (.[0:19] + "Z" | fromdateiso8601) * 1000000 + ((.[20:] | rtrimstr("Z")) + "000000" | .[0:6] | tonumber);

def hex($digits):
  reduce range($digits) as $digit ({number: ., text: ""};
    (.number / 16 | floor) as $rest
    | .text = "0123456789abcdef"[(.number - 16 * $rest):(.number - 16 * $rest + 1)] + .text
    | .number = $rest)
  | .text;

def value($key):
  if type == "string" then {stringValue: .}
  elif ($key | endswith("_s")) then {doubleValue: .}
  else {intValue: tostring}
  end;

def attributes:
  del(.time, .duration_s, .trace_id, .parent_span_id)
  | [to_entries[] | .key as $key | {key: $key, value: (.value | value($key))}];

# A request is named for its record: the first time of the file, and the record's number in it.
def span($first; $number):
  (.time | microseconds) as $until
  | ($until - (.duration_s * 1000000 + 0.5 | floor)) as $start
  | {
      traceId: (.trace_id // (($first | hex(16)) + ($number | hex(16)))),
      spanId: (($first | hex(8)) + ($number | hex(8))),
      name: ([."mcp.method.name", ."gen_ai.tool.name" // ."gen_ai.prompt.name"] | map(select(. != null)) | join(" ")),
      kind: 3,
      startTimeUnixNano: "\($start)000",
      endTimeUnixNano: "\($until)000",
      attributes: attributes,
      status: (if ."error.type" == null then {} else {code: 2} end)
    }
  + (if .parent_span_id == null then {} else {parentSpanId: .parent_span_id} end);

foreach (., inputs) as $record ({first: null, number: 0};
  .number += 1 | .first = (.first // ($record.time | microseconds));
  .first as $first
  | .number as $number
  | $record
  | select(has("stdiogate.outcome"))
  | {
      resourceSpans: [{
        resource: {attributes: [{key: "service.name", value: {stringValue: "stdiogate"}}]},
        scopeSpans: [{scope: {name: "stdiogate"}, spans: [span($first; $number)]}]
      }]
    })
