#include "src/io/stream.h"

#include <fcntl.h>
#include <pty.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "tests/support/catch.h"
#include "tests/support/pipe.h"

namespace stdiogate {
namespace {

using Kind = IoResult::Kind;

IoResult write(Stream& stream, std::string_view bytes) {
  return stream.write(bytes);
}

std::string read(Stream& stream, Kind expected = Kind::done) {
  std::string bytes(100, '\0');
  const IoResult result = stream.read(bytes);
  CHECK(result.kind == expected);
  bytes.resize(result.bytes);
  return bytes;
}

/// The flags others see on a descriptor.
int flags_of(int fd) {
  return ::fcntl(fd, F_GETFL);
}

struct Sockets {
  Sockets() {
    int fds[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
    ours.reset(fds[0]);
    theirs.reset(fds[1]);
  }
  Fd ours;
  Fd theirs;
};

TEST_CASE("io: a stream without a descriptor always says would_block") {
  Stream stream;
  CHECK_FALSE(stream);
  CHECK(read(stream, Kind::would_block).empty());
  CHECK(write(stream, "x").kind == Kind::would_block);
  CHECK_FALSE(Stream::inherited(987, true));  // not open
}

TEST_CASE("io: an inherited pipe is read without waiting and keeps its flags") {
  Pipe pipe;
  const int before = flags_of(pipe.reader.get());
  Stream stream = Stream::inherited(pipe.reader.get(), false);
  CHECK(read(stream, Kind::would_block).empty());
  pipe.put("abc");
  CHECK(read(stream) == "abc");
  pipe.writer.reset();
  CHECK(read(stream, Kind::end).empty());
  CHECK(flags_of(pipe.reader.get()) == before);
}

TEST_CASE("io: an inherited pipe is written without waiting and keeps its flags") {
  Pipe pipe;
  const int before = flags_of(pipe.writer.get());
  Stream stream = Stream::inherited(pipe.writer.get(), true);
  const std::string much(3 * pipe.capacity, 'm');
  const IoResult first = write(stream, much);
  CHECK(first.kind == Kind::done);
  CHECK(first.bytes == pipe.capacity);  // as far as it goes
  CHECK(write(stream, much).kind == Kind::would_block);
  CHECK(pipe.take().size() == pipe.capacity);
  CHECK(flags_of(pipe.writer.get()) == before);
  pipe.reader.reset();
  CHECK(write(stream, "x").kind == Kind::end);
}

TEST_CASE("io: an inherited socket does not wait either and keeps its flags") {
  Sockets sockets;
  const int before = flags_of(sockets.ours.get());
  Stream in = Stream::inherited(sockets.ours.get(), false);
  Stream out = Stream::inherited(sockets.ours.get(), true);
  CHECK(read(in, Kind::would_block).empty());
  CHECK(::write(sockets.theirs.get(), "abc", 3) == 3);
  CHECK(read(in) == "abc");
  IoResult result{.kind = Kind::done};
  for (int i = 0; i < 10'000 && result.kind == Kind::done; ++i)
    result = write(out, std::string(10'000, 'x'));
  CHECK(result.kind == Kind::would_block);
  CHECK(flags_of(sockets.ours.get()) == before);
  sockets.theirs.reset();
  CHECK(write(out, "x").kind == Kind::end);
}

TEST_CASE("io: a socket of which the other end has said all there is can still be written") {
  Sockets sockets;
  Stream in = Stream::inherited(sockets.ours.get(), false);
  Stream out = Stream::inherited(sockets.ours.get(), true);
  CHECK(::shutdown(sockets.theirs.get(), SHUT_WR) == 0);
  CHECK(read(in, Kind::end).empty());
  CHECK(write(out, "answer").kind == Kind::done);
}

TEST_CASE("io: a terminal keeps its flags") {
  int master = -1;
  int slave = -1;
  REQUIRE(::openpty(&master, &slave, nullptr, nullptr, nullptr) == 0);
  const Fd owned_master(master);
  const Fd owned_slave(slave);
  const int before = flags_of(slave);
  Stream in = Stream::inherited(slave, false);
  Stream out = Stream::inherited(slave, true);
  CHECK(read(in, Kind::would_block).empty());
  CHECK(::write(master, "abc\n", 4) == 4);
  CHECK(read(in) == "abc\n");
  CHECK(write(out, "x").kind == Kind::done);
  CHECK(flags_of(slave) == before);
}

TEST_CASE("io: files and the null device are read to their end and written") {
  char path[] = "/tmp/stdiogate-io-test-XXXXXX";
  const Fd file(::mkstemp(path));
  REQUIRE(file);
  Stream out = Stream::inherited(file.get(), true);
  CHECK(write(out, "abc").bytes == 3);
  const Fd again(::open(path, O_RDONLY | O_CLOEXEC));
  Stream in = Stream::inherited(again.get(), false);
  CHECK(read(in) == "abc");
  CHECK(read(in, Kind::end).empty());
  ::unlink(path);

  const Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  Stream null_in = Stream::inherited(null.get(), false);
  Stream null_out = Stream::inherited(null.get(), true);
  CHECK(read(null_in, Kind::end).empty());
  CHECK(write(null_out, "abc").bytes == 3);
}

TEST_CASE("io: a full disk is a failure that says why") {
  const Fd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  Stream out = Stream::inherited(full.get(), true);
  const IoResult result = write(out, "abc");
  CHECK(result.kind == Kind::failed);
  CHECK(result.error == ENOSPC);
}

}  // namespace
}  // namespace stdiogate
