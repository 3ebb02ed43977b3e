#pragma once

#include <rocksdb/file_system.h>

#include <cstdint>

namespace diffo::store {

/// Looks at the end of a table file before the engine does: that reads a table's properties first
/// and compares their checksum then, and its assertions end the process where they are damaged. So
/// what leads to them and they themselves must fit their checksums (CRC-32C). What else is damaged
/// the engine finds. Thread rule: any thread. Errors: corruption, and those of reading.
rocksdb::IOStatus check_table_end(const rocksdb::FSRandomAccessFile& file, std::uint64_t size);

} // namespace diffo::store
