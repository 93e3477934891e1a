#include "src/router/session.h"

#include <simdjson.h>

namespace stdiogate {

SessionTerms session_terms(std::string_view answer) {
  SessionTerms terms;
  const simdjson::padded_string text(answer);
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  if (parser.iterate(text).get(document)) return terms;
  std::string_view version;
  if (!document["result"]["protocolVersion"].get_string().get(version))
    terms.protocol_version = version;
  for (const std::string_view list : {"tools", "prompts", "resources"}) {
    bool changes = false;
    document.rewind();
    if (!document["result"]["capabilities"][list]["listChanged"].get_bool().get(changes) && changes)
      terms.changing_lists.push_back(list);
  }
  return terms;
}

}  // namespace stdiogate
