#ifndef KEELSON_CYAML_SHIM_H
#define KEELSON_CYAML_SHIM_H
#include <yaml.h>
#endif
