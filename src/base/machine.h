#pragma once

#include <cstdint>

namespace diffo {

/// How much memory this process may take: the least of the machine's, its control groups' and its
/// own limit.
std::uint64_t memory_limit_bytes();

/// Raises the soft limit of open files as far as is allowed, at most to `wanted`; returns what
/// holds now. Before any thread.
std::uint64_t raise_open_files(std::uint64_t wanted);

/// Adds to the nice value of the calling thread: one with a higher value gets what processors
/// others leave. Where that is not allowed, it stays.
void lower_priority(int niceness);

/// What `top -H` and /proc call the calling thread: at most 15 bytes.
void name_thread(const char* name);

} // namespace diffo
