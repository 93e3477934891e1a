#include <iostream>
#include <string>

#include "stdiogate/message.h"

#include "src/json/index.h"
#include "src/json/utf8.h"

// What the parser says of each line of standard input, one line each: the kind, the error code,
// flags, and where in the line each part stands, as NAME:OFFSET:LENGTH; texts as NAME=HEX.
namespace stdiogate {
namespace {

void put_place(std::string& out, const char* name, std::string_view part, std::string_view line) {
  if (part.empty()) return;
  out.append(" ").append(name).append(":").append(std::to_string(part.data() - line.data()));
  out.append(":").append(std::to_string(part.size()));
}

void put_text(std::string& out, const char* name, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out.append(" ").append(name).append("=");
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
}

std::string verdict(MessageParser& parser, std::string_view line) {
  constexpr const char* kKinds[] = {"request", "notification", "response", "batch", "invalid"};
  const Message& message = parser.parse(line, true);
  std::string out = kKinds[static_cast<std::size_t>(message.kind)];
  out.append(" ").append(std::to_string(message.fault.code));
  out += message.has_error ? " error" : " -";
  if (message.is_tool_error) out += " tool_error";
  if (message.twice.request_id) out += " twice=requestId";
  if (message.twice.params_id) out += " twice=params.id";
  if (message.twice.progress_token) out += " twice=progressToken";
  if (message.twice.subscription_id) out += " twice=subscription";
  put_place(out, "id", message.id, line);
  put_place(out, "requestId", message.request_id, line);
  put_place(out, "params.id", message.params_id, line);
  put_place(out, "progressToken", message.progress_token, line);
  put_place(out, "requestedToken", message.requested_token, line);
  put_place(out, "subscription", message.subscription_id, line);
  put_text(out, "method", message.method);
  put_text(out, "name", message.name);
  if (!json::is_utf8(line)) {
    std::string repaired;
    json::append_repaired(repaired, line);
    put_text(out, "repaired", repaired);
  }
  return out;
}

int run() {
  std::ios::sync_with_stdio(false);
  MessageParser parser;
  std::string line;
  while (std::getline(std::cin, line)) {
    std::string said = verdict(parser, line);
    // The lines of a read have another tokenizer, which must come to the same.
    line += '\n';
    parser.expect(line);
    if (said != verdict(parser, std::string_view(line).substr(0, line.size() - 1)))
      said += " depends-on-expect";
    parser.expect({});
    std::cout << said << '\n';
  }
  return std::cout.flush() ? 0 : 1;
}

}  // namespace
}  // namespace stdiogate

int main() {
  return stdiogate::run();
}
