#include "controller/pause_annotation.h"

#include <gmock/gmock.h>

namespace autoscaler {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using Direction = Pause::Direction;

const Instant kNow{std::chrono::hours(24 * 365 * 50)};

TEST(PauseAnnotation, SaysADirectionAndAnEnd) {
  const auto read = [](const char* paused, const char* until) {
    const auto pause = pause_of_annotations(paused, until);
    EXPECT_TRUE(pause.ok()) << paused << " " << until;
    return pause.ok() ? *pause : std::nullopt;
  };
  const Instant end{std::chrono::sys_days{std::chrono::year{2026} / 12 / 1}};
  EXPECT_EQ(read("", ""), std::nullopt);
  EXPECT_EQ(read("false", "2026-12-01T00:00:00Z"), std::nullopt);
  EXPECT_EQ(read("true", ""), (Pause{Direction::kAll, std::nullopt}));
  EXPECT_EQ(read("in", ""), (Pause{Direction::kIn, std::nullopt}));
  EXPECT_EQ(read("out", "2026-12-01T00:00:00Z"), (Pause{Direction::kOut, end}));
  EXPECT_EQ(read("", "2026-12-01T00:00:00Z"), (Pause{Direction::kAll, end}));
}

TEST(PauseAnnotation, ThatCannotBeReadIsNamedWithItsText) {
  EXPECT_THAT(pause_of_annotations("True", "").error().message,
              HasSubstr("autoscaler.io/paused is \"True\""));
  EXPECT_THAT(pause_of_annotations("true", "tomorrow").error().message,
              HasSubstr("autoscaler.io/paused-until is \"tomorrow\""));
}

TEST(PauseAnnotation, OfTwoPausesEachHoldsWhatItHolds) {
  const Pause in{Direction::kIn, kNow + seconds(60)};
  const Pause out{Direction::kOut, kNow + seconds(30)};
  const Pause all{Direction::kAll, kNow + seconds(10)};
  EXPECT_EQ(both(std::nullopt, std::nullopt, kNow), std::nullopt);
  EXPECT_EQ(both(in, std::nullopt, kNow), in);
  EXPECT_EQ(both(in, out, kNow), (Pause{Direction::kAll, kNow + seconds(30)}));
  EXPECT_EQ(both(in, out, kNow + seconds(30)), in) << "the other is over";
  EXPECT_EQ(both(all, in, kNow), (Pause{Direction::kAll, kNow + seconds(10)}));
  EXPECT_EQ(both(Pause{}, in, kNow), Pause{}) << "without an end it says it all";
  EXPECT_EQ(both(in, Pause{Direction::kIn, kNow + seconds(90)}, kNow),
            (Pause{Direction::kIn, kNow + seconds(90)}));
}

}  // namespace
}  // namespace autoscaler
