#include "src/gate/secrets.h"

#include "tests/support/catch.h"

namespace stdiogate {
namespace {

TEST_CASE("secrets: values of variables that name a secret are masked, wherever they stand") {
  const char* environment[] = {"API_KEY=abcdefgh",        "github_token=0123456789",
                               "DB_PASSWORD=open sesame", "CLIENT_SECRET=abcdefgh-and-more",
                               "HOME=/home/somebody",     nullptr};
  const Secrets secrets(environment);
  CHECK(secrets.masked("key abcdefgh, abcdefgh") == "key ***, ***");
  CHECK(secrets.masked("0123456789open sesame") == "******");
  CHECK(secrets.masked("abcdefgh-and-more") == "***");
  CHECK(secrets.masked("/home/somebody") == "/home/somebody");
  CHECK(secrets.masked("") == "");
}

TEST_CASE("secrets: where a text was cut, the beginning of a value is cut off, too") {
  const char* environment[] = {"KEY=abcabcdefgh", "TOKEN=bcdefghij", nullptr};
  const Secrets secrets(environment);
  CHECK(secrets.without_cut_value("key abcabcdefg") == "key ");
  CHECK(secrets.without_cut_value("key abcabc") == "key ");
  CHECK(secrets.without_cut_value("key b") == "key ");
  CHECK(secrets.without_cut_value("key abcabcdefgh") == "key ");
  CHECK(secrets.without_cut_value("abcab") == "");
  CHECK(secrets.without_cut_value("key x") == "key x");
  CHECK(secrets.without_cut_value("") == "");
}

TEST_CASE("secrets: a short value could be any word") {
  const char* environment[] = {"PASS=1234567", "EMPTY_KEY=", "NO_EQUALS_KEY", "", nullptr};
  CHECK(Secrets(environment).masked("1234567 NO_EQUALS_KEY") == "1234567 NO_EQUALS_KEY");
}

TEST_CASE("secrets: a value of asterisks comes to an end") {
  const char* environment[] = {"KEY=********", nullptr};
  CHECK(Secrets(environment).masked("****************") == "******");
}

}  // namespace
}  // namespace stdiogate
