#ifndef KEELSON_CLMDB_SHIM_H
#define KEELSON_CLMDB_SHIM_H
#include <lmdb.h>
#endif
