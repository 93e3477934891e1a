#include "src/gate/idle_memory.h"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bit>
#include <cstddef>
#include <cstdint>

namespace stdiogate {

namespace {

/// Of one file that is mapped: what nobody can have written to.
int drop_pages(dl_phdr_info* file, std::size_t, void*) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  for (int i = 0; i < file->dlpi_phnum; ++i) {
    const ElfW(Phdr)& part = file->dlpi_phdr[i];
    if (part.p_type != PT_LOAD || (part.p_flags & PF_W) != 0) continue;
    const std::uintptr_t begin = (file->dlpi_addr + part.p_vaddr) / page * page;
    const std::uintptr_t end = file->dlpi_addr + part.p_vaddr + part.p_memsz;
    (void)::madvise(std::bit_cast<void*>(begin), end - begin, MADV_DONTNEED);
  }
  return 0;
}

}  // namespace

void give_back_memory() {
#ifdef __GLIBC__
  ::malloc_trim(0);
#endif
  (void)::dl_iterate_phdr(drop_pages, nullptr);
}

}  // namespace stdiogate
