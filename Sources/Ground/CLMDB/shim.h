#ifndef KEELSON_CLMDB_SHIM_H
#define KEELSON_CLMDB_SHIM_H
#include <lmdb.h>
#include <stdint.h>

/* Asks the processor for the 4 KiB at an address that will be read soon. Never faults, whatever
   the address. */
static inline void keelson_prefetch_page(uintptr_t address) {
    for (uintptr_t offset = 0; offset < 4096; offset += 64) {
        __builtin_prefetch((const void *)(address + offset), 0, 3);
    }
}
#endif
