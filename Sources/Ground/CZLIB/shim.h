#ifndef KEELSON_CZLIB_SHIM_H
#define KEELSON_CZLIB_SHIM_H
#include <zlib.h>
// deflateInit2 and inflateInit2 are macros, which Swift does not see.
static inline int keelson_inflate_gzip(z_stream *stream) {
    return inflateInit2(stream, 15 + 16);
}
static inline int keelson_inflate_zlib(z_stream *stream) {
    return inflateInit2(stream, 15);
}
static inline int keelson_deflate_gzip(z_stream *stream, int level) {
    return deflateInit2(stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
}
#endif
