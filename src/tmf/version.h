#pragma once

// The enumerations that say which API, and in which version, stand in api.h.
#include "tmf/api.h" // IWYU pragma: export
