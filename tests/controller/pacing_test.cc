#include "controller/pacing.h"

#include "tests/fakes/eventually.h"

#include <gtest/gtest.h>

#include <csignal>
#include <unistd.h>

namespace autoscaler {
namespace {

using std::chrono::seconds;

TEST(StopSignals, ASignalStopsWhatIsUnderWayAndIsThereForWhoWaitsLater) {
  StopSignals signals;
  EXPECT_FALSE(signals.token().stop_requested());
  kill(getpid(), SIGTERM);
  EXPECT_TRUE(eventually([&] { return signals.token().stop_requested(); }));
  EXPECT_TRUE(signals.wait(seconds(60)));
  EXPECT_FALSE(signals.wait(seconds(0))) << "the next one is another";
  kill(getpid(), SIGINT);
  EXPECT_TRUE(signals.wait(seconds(60)));
}

TEST(StopSignals, WhoIsWokenHasSeenNoSignal) {
  StopSignals signals;
  signals.wake();
  EXPECT_FALSE(signals.wait(seconds(60)));
  EXPECT_FALSE(signals.token().stop_requested());
}

}  // namespace
}  // namespace autoscaler
