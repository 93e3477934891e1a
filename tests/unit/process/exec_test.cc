#include "src/process/exec.h"

#include <stdlib.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "tests/support/catch.h"

namespace stdiogate {
namespace {

/// A directory for commands, which is the PATH meanwhile.
struct World {
  World() {
    REQUIRE(::mkdtemp(directory.data()));
    ::setenv("PATH", directory.c_str(), 1);
  }
  ~World() {
    ::setenv("PATH", path.c_str(), 1);
    std::filesystem::remove_all(directory);
  }

  std::string write(const std::string& name, const std::string& text, bool executable = true) {
    const std::string file = directory + "/" + name;
    std::ofstream(file) << text;
    namespace fs = std::filesystem;
    if (executable) fs::permissions(file, fs::perms::owner_all);
    return file;
  }

  std::string path = std::getenv("PATH");
  std::string directory = (std::filesystem::temp_directory_path() / "commandsXXXXXX").string();
};

std::string reason(const std::string& command, int error) {
  return explain_not_started(command, error).reason;
}

TEST_CASE("exec: a command that is nowhere is 127, and the reason says where it was sought") {
  const World world;
  CHECK(explain_not_started("nothing", ENOENT).status == 127);
  CHECK(explain_not_started("nothing", ENOENT).error == ENOENT);
  CHECK(reason("nothing", ENOENT) == "not found in PATH, which is " + world.directory);
  CHECK(reason("/no/such/file", ENOENT) == "No such file or directory");
  // Hosts start servers in directories of their own.
  CHECK(reason("./no-such-file", ENOENT).starts_with("No such file or directory in "));
  CHECK(explain_not_started("", ENOENT).status == 127);
}

TEST_CASE("exec: what only a shell takes apart or expands") {
  World world;
  world.write("run", "");
  CHECK(reason("run -y server", ENOENT).starts_with("it is a whole command line in one word"));
  CHECK(reason(world.directory + "/run x", ENOENT).starts_with("it is a whole command line"));
  CHECK(reason("walk -y server", ENOENT).starts_with("not found in PATH"));
  CHECK(reason("~/server", ENOENT).starts_with("only shells expand ~"));
}

TEST_CASE("exec: a script is there, but what it needs is not") {
  World world;
  CHECK(reason(world.write("a", "#! /no/such -x\n"), ENOENT) ==
        "its interpreter '/no/such' does not exist");
  CHECK(reason(world.write("b", "#!/bin/sh\r\nexit\r\n"), ENOENT).find("Unix line ends") !=
        std::string::npos);
  CHECK(reason(world.write("c",
                           "\x7f"
                           "ELF"),
               ENOENT)
            .find("made for another system") != std::string::npos);
  CHECK(explain_not_started("a", ENOENT).status == 126);
}

TEST_CASE("exec: a file that may not be run, or cannot") {
  World world;
  const std::string plain = world.write("plain", "", false);
  CHECK(reason("plain", EACCES) == plain + " is not executable; see chmod +x");
  CHECK(reason(world.directory, EACCES) ==
        world.directory + " is a directory; name the program in it");
  CHECK(reason(world.write("elf",
                           "\x7f"
                           "ELF"),
               ENOEXEC) == "it is a program for another machine");
  CHECK(reason(world.write("other", std::string("\0\1", 2)), ENOEXEC) ==
        "it is neither a program nor a script");
  CHECK(explain_not_started("plain", EACCES).status == 126);
}

TEST_CASE("exec: the files that a command may mean, as PATH has them") {
  const World world;
  ::setenv("PATH", "/a::/b", 1);
  CHECK(files_of("x") == std::vector<std::string>{"/a/x", "./x", "/b/x"});
  CHECK(files_of("./x") == std::vector<std::string>{"./x"});
  CHECK(files_of("").empty());
}

TEST_CASE("exec: a script has no NUL byte in its first line") {
  World world;
  CHECK_FALSE(is_binary(world.write("a", std::string("echo\n\0", 6))));
  CHECK_FALSE(is_binary(world.write("b", "")));
  CHECK(is_binary(world.write("c", std::string("\x7f"
                                               "ELF\0",
                                               5))));
}

}  // namespace
}  // namespace stdiogate
