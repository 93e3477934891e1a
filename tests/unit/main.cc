// The only file with Catch2's main: with version 2 it takes ten seconds to compile.
#if __has_include(<catch2/catch_session.hpp>)
#include <catch2/catch_session.hpp>
#else
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#define STDIOGATE_CATCH_2
#endif

#include <signal.h>

int main(int argc, char** argv) {
  ::signal(SIGPIPE, SIG_IGN);  // as the program does
  Catch::Session session;
#ifdef STDIOGATE_CATCH_2
  // A name that no test has is a failure. Version 3 has it so by itself.
  session.configData().warnings = Catch::WarnAbout::NoTests;
#endif
  return session.run(argc, argv);
}
