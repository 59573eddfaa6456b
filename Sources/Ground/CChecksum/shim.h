#ifndef KEELSON_CCHECKSUM_SHIM_H
#define KEELSON_CCHECKSUM_SHIM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* CRC32C (Castagnoli) by the processor's own instruction, eight bytes a step. The state goes in
   and comes out as the register holds it; who calls inverts it before the first and after the
   last run of bytes.

   The compiler's builtins stand here in place of <nmmintrin.h>: Swift imports that header as a
   module of its own and then does not emit the bodies of its functions. */

#if defined(__x86_64__)

static inline int keelson_crc32c_is_supported(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("sse4.2") != 0;
}

__attribute__((target("sse4.2")))
static inline uint32_t keelson_crc32c(uint32_t state, const void *bytes, size_t count) {
    const unsigned char *next = (const unsigned char *)bytes;
    uint64_t wide = state;
    for (; count >= 8; count -= 8, next += 8) {
        uint64_t word;
        memcpy(&word, next, 8);
        wide = __builtin_ia32_crc32di(wide, word);
    }
    uint32_t narrow = (uint32_t)wide;
    for (; count > 0; count -= 1, next += 1) {
        narrow = __builtin_ia32_crc32qi(narrow, *next);
    }
    return narrow;
}

#elif defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)

static inline int keelson_crc32c_is_supported(void) { return 1; }

static inline uint32_t keelson_crc32c(uint32_t state, const void *bytes, size_t count) {
    const unsigned char *next = (const unsigned char *)bytes;
    for (; count >= 8; count -= 8, next += 8) {
        uint64_t word;
        memcpy(&word, next, 8);
        state = __builtin_arm_crc32cd(state, word);
    }
    for (; count > 0; count -= 1, next += 1) {
        state = __builtin_arm_crc32cb(state, *next);
    }
    return state;
}

#else

static inline int keelson_crc32c_is_supported(void) { return 0; }

static inline uint32_t keelson_crc32c(uint32_t state, const void *bytes, size_t count) {
    (void)bytes;
    (void)count;
    return state;
}

#endif
#endif
