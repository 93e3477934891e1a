#pragma once

#include <cstdint>

#include "tests/proof/simulation/model.h"
#include "tests/proof/simulation/script.h"
#include "tests/proof/simulation/sent.h"

namespace stdiogate::simulation {

/// What the client and the server of a schedule say next, as the step has it and things stand.
class Actors {
 public:
  Actors(const Model& model, const RouterConfig& config) : model_(model), config_(config) {}

  /// The line of this step, which is one of a line; `server`: who says it, if it is not the client.
  [[nodiscard]] Sent line(const Step& step, Router::ServerNumber server);

 private:
  [[nodiscard]] Sent client_line(const Step& step);
  [[nodiscard]] Sent server_line(const Step& step);
  [[nodiscard]] Sent client_batch(const Step& step);
  [[nodiscard]] Sent server_batch(const Step& step);
  [[nodiscard]] Sent server_flood(const Step& step);
  [[nodiscard]] Sent client_request(const Step& step);
  [[nodiscard]] Sent server_answer(const Step& step);
  [[nodiscard]] Sent server_noise(const Step& step);
  [[nodiscard]] Sent server_progress(const Step& step);
  [[nodiscard]] const Asked* asked_of_server(std::uint32_t which) const;
  [[nodiscard]] Sent giant(Sent sent, const Step& step) const;
  [[nodiscard]] Id cancelled_by_client(const Step& step) const;
  [[nodiscard]] Id cancelled_by_server(const Step& step) const;
  [[nodiscard]] Id answered_by_client(const Step& step) const;
  [[nodiscard]] Id past_wire_id(const Step& step) const;
  [[nodiscard]] Id subscription(const Step& step) const;

  const Model& model_;
  const RouterConfig& config_;
  Router::ServerNumber server_ = 0;
  std::uint32_t marker_ = 0;  // makes each line one of its kind
};

}  // namespace stdiogate::simulation
