#include "bolt/chunk.h"

#include <algorithm>

namespace diffo::bolt {

namespace {

constexpr std::size_t max_chunk_size = 0xFFFF;

void append_chunk(std::string& out, std::string_view chunk) {
  out.push_back(static_cast<char>(chunk.size() >> 8));
  out.push_back(static_cast<char>(chunk.size() & 0xFF));
  out.append(chunk);
}

} // namespace

void append_message(std::string& out, std::string_view payload, std::size_t max_chunk) {
  for (std::size_t at = 0; at < payload.size(); at += max_chunk)
    append_chunk(out, payload.substr(at, max_chunk));
  out.append(2, '\0');
}

void ChunkWriter::begin() {
  start_ = out_.size();
  out_.append(2, '\0');
}

void ChunkWriter::end() {
  const std::size_t size = out_.size() - start_ - 2;
  if (size <= max_chunk_size) {
    out_[start_] = static_cast<char>(size >> 8);
    out_[start_ + 1] = static_cast<char>(size & 0xFF);
    out_.append(2, '\0');
    return;
  }
  const std::string payload = out_.substr(start_ + 2);
  out_.resize(start_);
  append_message(out_, payload);
}

void ChunkWriter::abandon() {
  out_.resize(start_);
}

void ChunkReader::append(std::string_view bytes) {
  // What was read is dropped here and not in next, so that a message may be handed out as a view
  // into the buffer.
  if (position_ > 0) {
    buffer_.erase(0, position_);
    position_ = 0;
  }
  buffer_.append(bytes);
}

ChunkReader::Status ChunkReader::next(std::string_view& message) {
  if (message_taken_) {
    message_.clear();
    message_taken_ = false;
  }
  while (problem_.empty()) {
    const std::size_t there = buffer_.size() - position_;
    if (there < 2)
      return Status::need_more;
    const std::size_t size = std::size_t{static_cast<std::uint8_t>(buffer_[position_])} << 8 |
                             static_cast<std::uint8_t>(buffer_[position_ + 1]);
    if (size == 0) {
      position_ += 2;
      if (in_message_) {
        in_message_ = false;
        message_taken_ = true;
        noops_ = 0;
        message = message_;
        return Status::message;
      }
      if (++noops_ > limits_.max_noops)
        problem_ = "the server sends nothing but keep-alives";
      continue;
    }
    if (message_.size() + size > limits_.max_message_bytes) {
      problem_ = "a message above " + std::to_string(limits_.max_message_bytes) + " bytes";
      problem_code_ = ErrorCode::too_large;
      break;
    }
    if (there < 2 + size)
      return Status::need_more;
    const std::string_view chunk = std::string_view(buffer_).substr(position_ + 2, size);
    // The usual case, one chunk and all of it there: no copy.
    if (!in_message_ && there >= size + 4 && buffer_[position_ + 2 + size] == 0 &&
        buffer_[position_ + 3 + size] == 0) {
      position_ += size + 4;
      message_taken_ = true;
      noops_ = 0;
      message = chunk;
      return Status::message;
    }
    in_message_ = true;
    message_.append(chunk);
    position_ += 2 + size;
  }
  return Status::failed;
}

Failure ChunkReader::failure() const {
  Failure failure = make_failure(FailureKind::protocol_error, problem_);
  failure.code = problem_code_;
  return failure;
}

} // namespace diffo::bolt
