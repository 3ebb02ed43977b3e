/// The program of examples/optics: Diffo, and two functions that its model asks for by name.
/// docs/guide/hooks.md goes through them.
#include <diffo/program.h>

#include <cmath>
#include <string>
#include <utility>

namespace {

using namespace diffo;

double number_or(const json::Value& value, double otherwise) {
  return value.is_number() ? value.as_double() : otherwise;
}

/// How far the light of a line is above the noise behind its last amplifier, in dB within 0.1 nm:
/// each span adds the noise of its amplifier. It is the noise that adds up, not its decibels.
Result<double> signal_to_noise(hooks::Reader& reader, const hooks::Record& line) {
  constexpr double quantum_noise = -58; // dBm, at 1550 nm within 12.5 GHz
  const double launch = number_or(line.at("line.launchPower"), 0);
  double noise = 0; // of the signal
  for (const hooks::Record& span : TRY(reader.along(line.id, {"->span"}))) {
    const json::Value loss = span.at("span.loss");
    if (!loss.is_number())
      return Error{ErrorCode::unprocessable, "nobody knows the loss of " + span.id.id};
    const double figure = number_or(span.at("span.noiseFigure"), 0);
    noise += std::pow(10, (quantum_noise + figure + loss.as_double() - launch) / 10);
  }
  if (noise == 0)
    return Error{ErrorCode::unprocessable, "the line has no spans"};
  return -10 * std::log10(noise);
}

/// The calculation `osnr`. Its type and its digits are those that the model says.
Result<json::Value> osnr(hooks::CalculationCall& call) {
  return json::Value(TRY(signal_to_noise(call, call.instance())));
}

/// What the action `activate` does beside: it refuses a line that would be too dim, and notes what
/// there was to spare.
Result<hooks::Changes> enough_light(hooks::ActionCall& call) {
  const hooks::Record& line = call.after();
  const double needed = number_or(line.at("line.requiredOsnr"), 0);
  const double spare = TRY(signal_to_noise(call, line)) - needed;
  if (spare < 0)
    return Error{ErrorCode::conflict,
                 "the light is too dim: " + std::to_string(-spare).substr(0, 4) + " dB are missing",
                 "/state"};
  hooks::Changes changes;
  changes.characteristics.set("line", json::Object{{"spareOsnr", std::round(spare * 100) / 100}});
  return changes;
}

} // namespace

int main(int argc, char** argv) {
  Program program;
  program.hooks.calculation("osnr", osnr).action("enough_light", enough_light);
  return run_program(argc, argv, std::move(program));
}
