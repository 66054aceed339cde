/* Debian's libgcc calls a glibc function that finds the unwind tables of an address. musl lacks it; this one uses
 * dl_iterate_phdr, which both have. */
#define _GNU_SOURCE
#include <link.h>
#include <stddef.h>
#include <stdint.h>

struct dl_find_object {
  unsigned long long flags;
  void *start, *end;
  struct link_map *map;
  void *eh_frame;
  unsigned long long reserved[7];
};

struct search {
  uintptr_t address;
  struct dl_find_object *found;
};

static int visit(struct dl_phdr_info *info, size_t size, void *context) {
  struct search *search = context;
  void *eh_frame = NULL;
  int inside = 0;
  (void)size;
  for (int n = 0; n < info->dlpi_phnum; n++) {
    const ElfW(Phdr) *header = &info->dlpi_phdr[n];
    uintptr_t start = info->dlpi_addr + header->p_vaddr;
    if (header->p_type == PT_LOAD && search->address >= start && search->address - start < header->p_memsz) {
      search->found->start = (void *)start;
      search->found->end = (void *)(start + header->p_memsz);
      inside = 1;
    } else if (header->p_type == PT_GNU_EH_FRAME) {
      eh_frame = (void *)start;
    }
  }
  search->found->eh_frame = eh_frame;
  return inside && eh_frame != NULL;
}

int _dl_find_object(void *address, struct dl_find_object *found) {
  struct search search = {(uintptr_t)address, found};
  return dl_iterate_phdr(visit, &search) ? 0 : -1;
}
