#ifndef KEELSON_CZLIB_SHIM_H
#define KEELSON_CZLIB_SHIM_H
#include <zlib.h>
// deflateInit2 and inflateInit2 are macros, which Swift does not see.
static inline int keelson_inflate_gzip(z_stream *stream) {
    return inflateInit2(stream, 15 + 16);
}
#endif
