#include "tests/proof/simulation/expected.h"

#include <utility>

namespace stdiogate::simulation {

Expected verbatim(std::string line) {
  return {.head = std::move(line)};
}

Expected with_wire_id(const Sent& sent, bool of_server, std::uint32_t serial) {
  const Place& place = sent.id_place;
  return {.head = sent.line.substr(0, place.offset),
          .tail = sent.line.substr(place.offset + place.length),
          .between = Expected::Between::wire_id,
          .of_server = of_server,
          .serial = serial};
}

Expected gate_error(std::string_view id, int code, std::string_view reason, bool retryable) {
  Expected error{.between = Expected::Between::text};
  error.head = R"({"jsonrpc":"2.0",)";
  if (!id.empty()) error.head.append("\"id\":").append(id).append(",");
  error.head += R"("error":{"code":)" + std::to_string(code) + R"(,"message":")";
  error.inside = R"("data":{"from":"stdiogate","reason":")" + std::string(reason);
  error.inside += retryable ? R"(","retryable":true)" : R"(","retryable":false)";
  error.tail = "}}}";
  return error;
}

}  // namespace stdiogate::simulation
