#ifndef KEELSON_CNGHTTP2_SHIM_H
#define KEELSON_CNGHTTP2_SHIM_H
#include <nghttp2/nghttp2.h>
#endif
