#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace diffo::store::test {

/// What a FaultyFiles does to the writes of the engine. Thread rule: any thread.
struct FaultPlan {
  std::atomic<std::uint64_t> log_syncs{0};
  std::atomic<bool> disk_full{false};      ///< every write fails with "no space"
  std::atomic<bool> manifest_full{false};  ///< the same, of the engine's list of its tables
  std::atomic<bool> sync_fails{false};     ///< every sync of a log fails
  std::atomic<bool> no_descriptors{false}; ///< no file can be opened
  std::function<void()> before_log_sync;   ///< set before the store opens
};

/// A file that counts, fails or waits as planned.
class FaultyFile final : public rocksdb::FSWritableFileOwnerWrapper {
public:
  FaultyFile(std::unique_ptr<rocksdb::FSWritableFile> file, FaultPlan& plan, std::string_view name)
      : FSWritableFileOwnerWrapper(std::move(file)), plan_(plan), is_log_(name.ends_with(".log")),
        is_manifest_(name.find("/MANIFEST-") != std::string_view::npos) {}
  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* context) override {
    return is_full() ? no_space() : FSWritableFileOwnerWrapper::Append(data, options, context);
  }
  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           const rocksdb::DataVerificationInfo& verification,
                           rocksdb::IODebugContext* context) override {
    return is_full() ? no_space()
                     : FSWritableFileOwnerWrapper::Append(data, options, verification, context);
  }
  rocksdb::IOStatus Sync(const rocksdb::IOOptions& options,
                         rocksdb::IODebugContext* context) override {
    if (!is_log_)
      return FSWritableFileOwnerWrapper::Sync(options, context);
    if (plan_.before_log_sync)
      plan_.before_log_sync();
    if (plan_.sync_fails)
      return rocksdb::IOStatus::IOError("the planned failure of a sync");
    const rocksdb::IOStatus status = FSWritableFileOwnerWrapper::Sync(options, context);
    ++plan_.log_syncs;
    return status;
  }

private:
  [[nodiscard]] bool is_full() const {
    return plan_.disk_full || (is_manifest_ && plan_.manifest_full);
  }
  static rocksdb::IOStatus no_space() {
    return rocksdb::IOStatus::NoSpace("the planned full disk");
  }
  FaultPlan& plan_;
  bool is_log_;
  bool is_manifest_;
};

/// The real file system with the faults of a plan.
class FaultyFiles final : public rocksdb::FileSystemWrapper {
public:
  explicit FaultyFiles(FaultPlan& plan)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), plan_(plan) {}
  const char* Name() const override { return "FaultyFiles"; }
  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* context) override {
    if (plan_.no_descriptors)
      return too_many_files();
    std::unique_ptr<rocksdb::FSWritableFile> file;
    rocksdb::IOStatus status = FileSystemWrapper::NewWritableFile(name, options, &file, context);
    if (status.ok())
      *result = std::make_unique<FaultyFile>(std::move(file), plan_, name);
    return status;
  }

  rocksdb::IOStatus NewRandomAccessFile(const std::string& name,
                                        const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                                        rocksdb::IODebugContext* context) override {
    return plan_.no_descriptors
               ? too_many_files()
               : FileSystemWrapper::NewRandomAccessFile(name, options, result, context);
  }
  rocksdb::IOStatus NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* result,
                                      rocksdb::IODebugContext* context) override {
    return plan_.no_descriptors
               ? too_many_files()
               : FileSystemWrapper::NewSequentialFile(name, options, result, context);
  }

private:
  static rocksdb::IOStatus too_many_files() {
    return rocksdb::IOStatus::IOError("the planned lack of descriptors", "Too many open files");
  }
  FaultPlan& plan_;
};

inline std::unique_ptr<rocksdb::Env> faulty_env(FaultPlan& plan) {
  return rocksdb::NewCompositeEnv(std::make_shared<FaultyFiles>(plan));
}

} // namespace diffo::store::test
