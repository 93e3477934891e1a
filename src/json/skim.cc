#include "src/json/skim.h"

#include "src/json/quoting.h"
#include "src/json/scan.h"

namespace stdiogate::json {

namespace {

/// Whether the text is a JSON string, or, if it does not begin with a quote, a number.
bool is_id(std::string_view text) {
  const char* at = text.data();
  const char* end = at + text.size();
  if (!is_string(text)) return number_end(at, end) == end;
  bool escaped = false;
  const char* fault = nullptr;
  return ScanTokens(text).string(at, escaped, fault) == end;
}

}  // namespace

void Skim::feed(std::string_view piece) {
  const char* end = piece.data() + piece.size();
  for (const char* at = piece.data(); at != end && !over_; ++at, ++seen_) {
    if (in_string_ && !escaped_ && depth_ > 1) {  // most of a giant
      const char* stop = plain_end(at, end);
      seen_ += static_cast<std::size_t>(stop - at);
      if (stop == end) break;
      at = stop;
    }
    take(*at);
  }
}

void Skim::take(char c) {
  if (in_string_) {
    keep(c);
    const bool ends = c == '"' && !escaped_;
    escaped_ = c == '\\' && !escaped_;
    if (ends) end_string();
    return;
  }
  switch (c) {
    case '"':
      if (depth_ == 0) over_ = true;
      in_string_ = true;
      if (depth_ == 1) text_.clear();
      return keep(c);
    case '{':
    case '[': return open(c);
    case '}':
    case ']': return close();
    default: break;
  }
  if (depth_ > 1) return;
  if (depth_ == 0) {
    const bool in_mark = seen_ < 3 && c == "\xef\xbb\xbf"[seen_];  // a byte order mark
    over_ = !is_space(c) && !in_mark;
  } else if (c == ',' || is_space(c)) {
    if (!text_.empty()) end_value();
    if (c == ',') named_ = false;
  } else if (c == ':') {
    text_.clear();
  } else {
    keep(c);
  }
}

void Skim::open(char bracket) {
  if (depth_ == 0 && bracket != '{') over_ = true;
  ++depth_;
}

void Skim::close() {
  if (depth_ <= 1) {
    if (!text_.empty()) end_value();
    over_ = true;
  } else if (--depth_ == 1) {
    text_.clear();
    end_value();
  }
}

void Skim::end_string() {
  in_string_ = false;
  if (depth_ != 1) return;
  if (named_) {
    ++seen_;  // its closing quote belongs to it
    end_value();
    --seen_;
  } else {
    end_name();
  }
}

void Skim::end_name() {
  const std::string_view name = std::string_view(text_).substr(1, text_.size() - 2);
  field_ = is_id(text_) ? member_of(Where::message, unescaped(name)).field : Field::none;
  ids_ += field_ == Field::id;
  was_method_ = method_;
  method_ |= field_ == Field::method;
  outcome_ |= field_ == Field::result || field_ == Field::error;
  named_ = true;
  too_long_ = false;
  text_.clear();
}

/// `text_` is the value, empty if it was nested.
void Skim::end_value() {
  if (named_ && field_ == Field::id && !too_long_ && is_id(text_)) {
    id_ = text_;
    id_end_ = seen_;
  }
  if (named_ && field_ == Field::method && text_ == "null") method_ = was_method_;
  named_ = false;
  field_ = Field::none;
  too_long_ = false;
  text_.clear();
}

void Skim::keep(char c) {
  if (depth_ != 1) return;
  if (text_.size() < kMaxText) {
    text_ += c;
  } else {
    too_long_ = true;
  }
}

}  // namespace stdiogate::json
