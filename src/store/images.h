#pragma once

#include "base/guarded.h"
#include "graph/record.h"
#include "store/disk.h"

#include <diffo/result.h>

#include <compare>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Bodies of large records, each in a file of its own (docs/formats/folder.md): whoever decides
/// writes and syncs it, so that the writer's batch only names it, and small changes do not wait for
/// the disk. Invariants: a file is complete before a batch names it; exactly one row of `records`
/// or `history` names it, and an entry among the settings for as long; the file goes after the
/// batch that drops that entry is durable.
namespace diffo::store {

class Images {
public:
  /// Writes records from that size on. The disk must outlive it.
  Images(Disk& disk, std::size_t least_bytes);
  Images(const Images&) = delete;
  Images& operator=(const Images&) = delete;

  /// A file that no batch names yet: it goes with this, unless one does.
  class Written {
  public:
    Written(Written&& other) noexcept
        : images_(std::exchange(other.images_, nullptr)), number_(other.number_) {}
    Written& operator=(Written&& other) noexcept {
      std::swap(images_, other.images_);
      std::swap(number_, other.number_);
      return *this;
    }
    ~Written();
    /// The number for a batch to name; the file stays from now on.
    ImageNumber name();

  private:
    friend class Images;
    Written(Images& images, ImageNumber number) : images_(&images), number_(number) {}
    Images* images_;
    ImageNumber number_;
  };

  /// Nothing where the record is small, or a backup is being made: then it goes into the batch.
  /// Thread rule: any thread. Errors: io.
  Result<std::optional<Written>> write(const graph::Record& record);
  /// Drops files that nothing names any more, now or, while somebody holds a snapshot, later.
  /// Thread rule: any thread.
  Result<void> drop(std::span<const ImageNumber> numbers);
  /// Drops what neither those entries nor a decision on its way name: what a crash left. While no
  /// batch is on its way. Errors: io.
  Result<void> sweep(std::vector<ImageNumber> named);

private:
  void forget(ImageNumber number, bool unwanted);

  Disk& disk_;
  const std::size_t least_bytes_;
  struct Numbers {
    ImageNumber next = 1;
    std::vector<ImageNumber> written;  ///< named by nothing but a Written
    std::vector<ImageNumber> unwanted; ///< to be dropped
  };
  Guarded<Numbers> numbers_;
};

/// The entry among the settings that keeps an image: where it lies in time, and its number.
struct KeptImage {
  /// The commit that superseded it; that of the newest version of a record is `newest`.
  graph::Sequence superseded_by = newest;
  ImageNumber number = 0;
  static constexpr graph::Sequence newest = ~graph::Sequence{0};
  friend auto operator<=>(const KeptImage&, const KeptImage&) = default;
};
inline constexpr std::string_view image_space = "image/";
void put_kept_image(DiskBatch& batch, const KeptImage& image);
void erase_kept_image(DiskBatch& batch, const KeptImage& image);
/// Errors: corrupt.
Result<KeptImage> decode_kept_image(std::string_view key, std::string_view stored);
/// Erases the entries of those that commits up to that one superseded, and gives their numbers.
Result<std::vector<ImageNumber>> erase_kept_images(const Disk& disk, graph::Sequence upto,
                                                   DiskBatch& batch);

/// A row of `records` or `history` whose record's body is an image.
std::string encode_named(std::string_view key, const graph::Record& record, ImageNumber image);

/// What a row tells: the record and the image its body lies in, if any; no record where it was
/// erased.
struct StoredRecord {
  graph::RecordRef record;
  std::optional<ImageNumber> image;
};
/// Not from within Disk::for_each(). Errors: corrupt, io.
Result<StoredRecord> load_row(const Disk& disk, std::string_view key, std::string_view stored,
                              const graph::Dictionary& dictionary, std::string_view what);
/// Visits the rows of `records` or `history` like Disk::for_each(), which it reads ahead, so that
/// `visit` may load them.
Result<void> for_each_row(
    const Disk& disk, Table table,
    const std::function<Result<bool>(std::string_view key, std::string_view stored)>& visit,
    const Disk::Snapshot* snapshot = nullptr);

} // namespace diffo::store
