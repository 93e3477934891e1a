#include "names.h"

#include <cerrno>
#include <csignal>
#include <system_error>

namespace stdiogate {

namespace {

struct Name {
  int number;
  const char* name;
};

#define STDIOGATE_NAME(number) \
  { number, #number }

// glibc could say these (sigabbrev_np, strerrorname_np), other C libraries cannot.
constexpr Name kSignals[] = {
    STDIOGATE_NAME(SIGHUP),  STDIOGATE_NAME(SIGINT),  STDIOGATE_NAME(SIGQUIT),
    STDIOGATE_NAME(SIGILL),  STDIOGATE_NAME(SIGTRAP), STDIOGATE_NAME(SIGABRT),
    STDIOGATE_NAME(SIGBUS),  STDIOGATE_NAME(SIGFPE),  STDIOGATE_NAME(SIGKILL),
    STDIOGATE_NAME(SIGUSR1), STDIOGATE_NAME(SIGSEGV), STDIOGATE_NAME(SIGUSR2),
    STDIOGATE_NAME(SIGPIPE), STDIOGATE_NAME(SIGALRM), STDIOGATE_NAME(SIGTERM),
    STDIOGATE_NAME(SIGXCPU), STDIOGATE_NAME(SIGXFSZ), STDIOGATE_NAME(SIGSYS),
};

// What starting a program and writing a file can fail with.
constexpr Name kErrors[] = {
    STDIOGATE_NAME(E2BIG),   STDIOGATE_NAME(EACCES), STDIOGATE_NAME(EAGAIN),
    STDIOGATE_NAME(EBADF),   STDIOGATE_NAME(EFAULT), STDIOGATE_NAME(EINVAL),
    STDIOGATE_NAME(EIO),     STDIOGATE_NAME(EISDIR), STDIOGATE_NAME(ELIBBAD),
    STDIOGATE_NAME(ELOOP),   STDIOGATE_NAME(EMFILE), STDIOGATE_NAME(ENAMETOOLONG),
    STDIOGATE_NAME(ENFILE),  STDIOGATE_NAME(ENOENT), STDIOGATE_NAME(ENOEXEC),
    STDIOGATE_NAME(ENOMEM),  STDIOGATE_NAME(ENOSPC), STDIOGATE_NAME(ENOTDIR),
    STDIOGATE_NAME(EPERM),   STDIOGATE_NAME(EPIPE),  STDIOGATE_NAME(EROFS),
    STDIOGATE_NAME(ETXTBSY),
};

#undef STDIOGATE_NAME

}  // namespace

std::string signal_name(int signal) {
  for (const Name& known : kSignals) {
    if (known.number == signal) return known.name;
  }
  return "signal " + std::to_string(signal);
}

std::string errno_name(int error) {
  for (const Name& known : kErrors) {
    if (known.number == error) return known.name;
  }
  return "errno " + std::to_string(error);
}

std::string errno_text(int error) {
  return std::generic_category().message(error);
}

}  // namespace stdiogate
