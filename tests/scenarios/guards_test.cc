// What no number of instances cures, and what each more would make worse.
#include "tests/scenarios/story.h"

namespace autoscaler {
namespace {

using testing::Contains;

class Guarded : public Story {
 protected:
  static std::string watched(const std::vector<std::string>& policies,
                             const std::vector<std::string>& more = {"warmup: 30s"}) {
    return shop(
        {kCpu, kLatency, kErrors, "rps: {source: balancer, value: requestRate}",
         "database: {source: json, url: 'http://db.example/load', pointer: /cpu, unit: ratio}"},
        policies, more);
  }
  void begin_watched(const std::string& yaml, double load, Release release = {}) {
    database_ = 0.5;
    const Instant start{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}};
    begin(yaml, load, std::move(release), start, [this](Simulation& sim) {
      sim.source.numbers["database"] = [this](Instant) { return database_; };
    });
  }
  double database_ = 0.5;  // how busy it is
};

TEST_F(Guarded, against_a_bad_release_it_grows_by_a_fifth_and_no_further) {
  begin_watched(watched({kTrackCpu}), 600);
  EXPECT_EQ(size(), 11);
  Release bad;
  bad.cpu_time = 16ms;
  bad.error_ratio = 0.2;
  sim_->service.deploy(bad);
  EXPECT_THAT(run(15min), Contains("13 bad_deploy")) << "11 and a fifth";
  EXPECT_EQ(size(), 13);
}

// Thirty of a hundred requests fail, late and at twice the work: CPU, latency and what an instance
// is found to carry all ask for more.
class BadRelease : public Guarded {
 protected:
  void begin_and_break(double load) {
    begin_watched(watched({kTrackCpu, "track: {signal: rps, perInstance: learned}",
                           "threshold: {out: {any: [{signal: latency, above: 300ms},"
                           " {signal: errors, above: 2%}], for: 3, add: 25%, cooldown: 2m}}"},
                          {"warmup: 30s", "slo: {signal: latency, p95: 300ms}"}),
                  load);
    before_ = size();
    Release bad;
    bad.cpu_time = 20ms;
    bad.error_ratio = 0.3;
    sim_->service.deploy(bad);
  }
  int32_t before_ = 0;
};

TEST_F(BadRelease, that_lasts_an_hour_or_six_is_answered_by_a_fifth_and_no_further) {
  begin_and_break(1000);
  EXPECT_EQ(before_, 17);
  for (const Duration time : {1h, 5h}) {
    run(time);
    EXPECT_GT(failed(), 25);
    EXPECT_LE(size(), 1.2 * before_);
    EXPECT_GE(size(), before_);
  }
  EXPECT_LE(launched(), 3 * before_) << "the roll, and what died of it";
}

TEST_F(BadRelease, under_a_load_that_grows_is_answered_by_the_requests) {
  begin_and_break(600);
  run(1h);
  ASSERT_LE(size(), 1.2 * before_);
  load_ = 1200;
  run(15min);
  EXPECT_GE(size(), 2 * before_);
  run(6h);
  EXPECT_GE(size(), 2 * before_);
  EXPECT_LE(size(), 1.2 * 2 * before_) << "for twice the requests";
}

TEST_F(BadRelease, that_is_taken_back_lets_go_within_minutes) {
  begin_and_break(600);
  run(2h);
  ASSERT_TRUE(last_->decision.suspicion);
  sim_->service.deploy(Release{});
  run(40min);
  EXPECT_FALSE(last_->decision.suspicion);
  run(30min);
  EXPECT_THAT(size(), testing::AllOf(testing::Ge(before_ - 1), testing::Le(before_)));
}

// The threshold acts 15 seconds after the first late request, long before there are minutes to
// compare.
TEST_F(BadRelease, is_answered_by_a_fifth_from_its_first_minute_on) {
  begin_and_break(1000);
  for (int minute = 0; minute < 10; ++minute) {
    run(1min);
    EXPECT_LE(size(), 1.2 * before_) << minute;
  }
  EXPECT_GT(size(), before_) << "some is asked for, and given";
}

// Three times the requests: whoever waits for more than a second goes away, as an error.
TEST_F(Guarded, against_errors_of_a_crowd_it_grows_as_it_is_asked_to) {
  Release impatient;
  impatient.timeout = 1s;
  const auto grown = [&](const std::string& guards) {
    begin_watched(watched({"threshold: {out: {any: [{signal: latency, above: 300ms}], for: 3,"
                           " add: 100%, cooldown: 30s}}"},
                          {"warmup: 30s", guards}),
                  600, impatient);
    load_ = 1800;
    std::vector<int32_t> sizes;
    for (int i = 0; i < 30; ++i) {
      run(10s);
      sizes.push_back(size());
    }
    EXPECT_GT(failed(), 5);
    return sizes;
  };
  EXPECT_EQ(grown("guards: {badDeploy: 20%}"), grown("guards: {badDeploy: none}"));
  EXPECT_GE(size(), 18);
}

TEST_F(Guarded, against_errors_of_a_dependency_for_six_hours_it_stays_as_it_was) {
  begin_watched(watched({kTrackCpu}), 600);
  const int32_t before = size();
  sim_->service.dependency_errors = 0.3;
  run(6h);
  EXPECT_EQ(size(), before);
  EXPECT_TRUE(last_->decision.suspicion);
}

TEST_F(Guarded, against_a_slow_dependency_it_stops_when_more_does_not_help) {
  begin_watched(watched({kTrackCpu,
                         "threshold: {out: {any: [{signal: latency, above: 500ms}],"
                         " add: 2, cooldown: 1m}}"}),
                600);
  EXPECT_EQ(size(), 11);
  sim_->service.dependency_delay = 1s;
  EXPECT_THAT(run(30min), Contains(testing::EndsWith(" ineffective")));
  EXPECT_LE(size(), 24);
  EXPECT_GE(size(), 11);
}

TEST_F(Guarded, against_work_that_fails_fast_it_takes_nothing_away) {
  begin_watched(watched({kTrackCpu}), 900);
  const int32_t before = size();
  sim_->service.dependency_errors = 0.8;
  Release fast;
  fast.error_cost = 0.1;
  for (auto& [id, instance] : sim_->service.instances) instance.release = fast;
  const auto lines = run(30min);
  EXPECT_EQ(size(), before) << testing::PrintToString(lines);
  sim_->service.dependency_errors = 0;
  run(5min);
  EXPECT_EQ(size(), before) << "all of them are needed again";
}

TEST_F(Guarded, against_a_full_database_it_does_not_scale_out) {
  begin_watched(
      watched({kTrackCpu}, {"guards: {blockScaleOutWhen: [{signal: database, above: 90%}]}"}), 600);
  database_ = 0.95;
  load_ = 900;
  EXPECT_THAT(run(10min), ElementsAre("11 external"));
  database_ = 0.5;
  run(10min);
  EXPECT_GE(size(), 15);
}

TEST_F(Guarded, against_waves_all_day_it_stays_at_the_crests) {
  begin_watched(watched({kTrackCpu}), 900);
  std::vector<std::string> all;
  for (int i = 0; i < 12; ++i) {
    load_ = i % 2 == 0 ? 300 : 900;
    for (std::string& line : run(8min)) all.push_back(std::move(line));
  }
  EXPECT_THAT(all, Contains(testing::EndsWith(" flap_budget"))) << testing::PrintToString(all);
}

}  // namespace
}  // namespace autoscaler
