#include "cli/streamed_input.h"

#include <algorithm>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>

namespace diffo::cli {

void ProgressBar::show(double done) {
  const int percent = static_cast<int>(std::clamp(done, 0.0, 1.0) * 100);
  if (!terminal_ || percent == shown_)
    return;
  shown_ = percent;
  constexpr int width = 40;
  const int filled = percent * width / 100;
  std::fprintf(stderr, "\r[%.*s%*s] %3d %%", filled, "########################################",
               width - filled, "", percent);
  std::fflush(stderr);
}

void ProgressBar::finish() {
  if (shown_ >= 0)
    std::fputc('\n', stderr);
  shown_ = -1;
}

Result<StreamedInput> StreamedInput::open(const std::string& file) {
  StreamedInput input;
  if (file == "-")
    return input;
  input.file_ = TRY(FileDescriptor::open(file, O_RDONLY));
  struct stat facts{};
  if (fstat(input.file_.get(), &facts) == 0 && S_ISREG(facts.st_mode))
    input.size_ = static_cast<std::uint64_t>(facts.st_size);
  return input;
}

Result<std::size_t> StreamedInput::read(std::span<char> into) {
  const int descriptor = file_.is_open() ? file_.get() : STDIN_FILENO;
  while (true) {
    const ssize_t count = ::read(descriptor, into.data(), into.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return system_error("reading", "the input");
    done_ += static_cast<std::uint64_t>(count);
    if (size_ > 0)
      bar_.show(static_cast<double>(done_) / static_cast<double>(size_));
    if (count == 0)
      bar_.finish();
    return static_cast<std::size_t>(count);
  }
}

} // namespace diffo::cli
