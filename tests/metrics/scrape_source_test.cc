#include "metrics/scrape_source.h"

#include "tests/fakes/temp_directory.h"
#include "tests/metrics/scraped.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace autoscaler {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

ScrapeRead rate(const std::string& metric, std::vector<LabelMatcher> matching = {}) {
  return {RateOf{{metric, std::move(matching)}, 1}, seconds(30)};
}
ScrapeRead gauge(const std::string& metric) {
  return {GaugeOf{{metric, {}}, 1}, seconds(30)};
}

TEST(ScrapeSource, ReadsAllInstancesOrderedById) {
  Scraped shop({gauge("m"), gauge("n")});
  shop.serves("b", "m 2\nn 20\n");
  shop.serves("a", "n 10\nm 1\n");
  shop.scrape(0);
  EXPECT_EQ(shop.asked["a"], 1);
  const auto& readings = std::get<InstanceReadings>(shop.signal(0).readings);
  ASSERT_THAT(readings, SizeIs(2));
  EXPECT_EQ(readings[0].instance, "a");
  EXPECT_EQ(shown(readings[0].reading), "1");
  EXPECT_EQ(shown(readings[1].reading), "2");
  EXPECT_EQ(shown(shop.reading("b", 1)), "20");
  EXPECT_THAT(shop.errors, IsEmpty());
}

TEST(ScrapeSource, GivesTwoSignalsOfOneMetricEachItsOwn) {
  Scraped shop({rate("r"), rate("r", {{"code", "5.."}})});
  shop.serves("i", "r{code=\"200\"} 0\nr{code=\"500\"} 0\n");
  shop.scrape(0);
  shop.serves("i", "r{code=\"200\"} 10\nr{code=\"500\"} 5\n");
  shop.scrape(5);
  EXPECT_EQ(shown(shop.reading("i", 0)), "3");
  EXPECT_EQ(shown(shop.reading("i", 1)), "1");
}

TEST(ScrapeSource, SaysThatThereIsNobodyToAsk) {
  Scraped shop({gauge("m")});
  shop.scrape(0);
  EXPECT_EQ(shown(std::get<Reading>(shop.signal().readings)), "no_target");
  EXPECT_THAT(shop.poller->targets(), IsEmpty());
}

TEST(ScrapeSource, MapsEachFailureToItsReason) {
  const std::pair<Result<FetchResponse>, const char*> table[] = {
      {Error{Code::kUnavailable, "refused"}, "unreachable"},
      {Error{Code::kTimeout, "late"}, "timeout"},
      {Error{Code::kTooLarge, "big"}, "too_large"},
      {Error{Code::kInvalid, "no HTTP"}, "malformed"},
      {Error{Code::kExhausted, "no descriptor"}, "unreachable"},
      {FetchResponse{503, "m 1\n"}, "bad_status"},
      {FetchResponse{204, ""}, "bad_status"},
      {FetchResponse{200, "m 1\nm"}, "malformed"},
      {FetchResponse{200, ""}, "no_series"},
  };
  for (const auto& [answer, expected] : table) {
    SCOPED_TRACE(expected);
    Scraped shop({gauge("m"), rate("m")});
    shop.serves("good", "m 1\n");
    shop.answers("bad", answer);
    shop.scrape(0);
    EXPECT_EQ(shown(shop.reading("bad", 0)), expected);
    EXPECT_EQ(shown(shop.reading("bad", 1)), expected);
    EXPECT_EQ(shown(shop.reading("good", 0)), "1");
    if (std::string(expected) == "no_series") continue;  // a good answer
    ASSERT_THAT(shop.errors, SizeIs(1));  // one for the page, not one for each signal
    EXPECT_EQ(shop.errors[0].instance, "bad");
    EXPECT_EQ(shop.errors[0].workload, "shop");
    EXPECT_EQ(missing_reason_name(shop.errors[0].reason), std::string(expected));
    EXPECT_EQ(shop.errors[0].detail, detail_of(shop.reading("bad")));
  }
}

TEST(ScrapeSource, TakesAPageWholeOrNotAtAll) {
  Scraped shop({rate("r"), gauge("g")});
  shop.serves("i", "g 1\nr 100\n");
  shop.scrape(0);
  // The counter's line was good, and a rate of it would be wrong: the page was not finished.
  shop.serves("i", "g 2\nr 9000\nr{ broken\n");
  shop.scrape(5);
  EXPECT_EQ(shown(shop.reading("i", 0)), "malformed");
  EXPECT_EQ(shown(shop.reading("i", 1)), "malformed");
  EXPECT_EQ(detail_of(shop.reading("i", 0)),
            "i: line 3: expected an equals sign, found the end of the line");
  shop.serves("i", "g 3\nr 200\n");
  shop.scrape(10);
  EXPECT_EQ(shown(shop.reading("i", 0)), "10");  // 100 in 10 s: the broken page left no trace
  EXPECT_EQ(shown(shop.reading("i", 1)), "3");
}

TEST(ScrapeSource, CarriesOnAfterAGapShorterThanTheWindow) {
  Scraped shop({rate("r")});
  shop.serves("i", "r 100\n");
  shop.scrape(0);
  shop.answers("i", Error{Code::kTimeout, "late"});
  shop.scrape(5);
  shop.scrape(10);
  EXPECT_EQ(shown(shop.reading("i")), "timeout");
  shop.serves("i", "r 250\n");
  shop.scrape(15);
  EXPECT_EQ(shown(shop.reading("i")), "10");
  EXPECT_EQ(std::get<Measured>(shop.reading("i")).window, Duration(seconds(15)));
}

TEST(ScrapeSource, BeginsAnewAfterAGapLongerThanTheWindow) {
  Scraped shop({rate("r")});
  shop.serves("i", "r 100\n");
  shop.scrape(0);
  shop.answers("i", Error{Code::kTimeout, "late"});
  shop.scrape(20);
  shop.serves("i", "r 250\n");
  shop.scrape(40);
  EXPECT_EQ(shown(shop.reading("i")), "too_few_samples");
}

TEST(ScrapeSource, ForgetsAnInstanceThatIsGone) {
  Scraped shop({rate("r")});
  shop.serves("a", "r 100\n");
  shop.serves("b", "r 100\n");
  shop.scrape(0);
  shop.is_gone("b");
  shop.scrape(5);
  shop.serves("b", "r 200\n");
  shop.scrape(10);
  EXPECT_EQ(shown(shop.reading("a")), "0");
  EXPECT_EQ(shown(shop.reading("b")), "too_few_samples");
}

TEST(ScrapeSource, BeginsAnewWhenTheQueriesChange) {
  Scraped shop({rate("r")});
  shop.serves("i", "r{a=\"1\"} 100\nr{a=\"2\"} 1000\n");
  shop.scrape(0);
  shop.signals = {{rate("r", {{"a", "1"}})}};
  shop.scrape(5);
  EXPECT_EQ(shown(shop.reading("i")), "too_few_samples");
  shop.serves("i", "r{a=\"1\"} 150\nr{a=\"2\"} 9000\n");
  shop.scrape(10);
  EXPECT_EQ(shown(shop.reading("i")), "10");
}

TEST(ScrapeSource, SaysThatAMatcherCannotBeUsed) {
  Scraped shop({rate("r", {{"code", "(5.."}}), gauge("g")});
  shop.serves("i", "r{code=\"500\"} 1\ng 7\n");
  shop.scrape(0);
  EXPECT_EQ(shown(shop.reading("i", 0)), "source_error");
  EXPECT_THAT(detail_of(shop.reading("i", 0)), HasSubstr("label code: /(5../"));
  EXPECT_EQ(shown(shop.reading("i", 1)), "7");
}

TEST(ScrapeSource, LeavesOtherSignalsToOtherSources) {
  Scraped shop({gauge("g")});
  shop.signals.insert(shop.signals.begin(), {BalancerRead{BalancerRead::What::kQueue}});
  shop.serves("i", "g 7\n");
  shop.scrape(0);
  EXPECT_TRUE(std::holds_alternative<Reading>(shop.signal(0).readings));
  EXPECT_EQ(shown(shop.reading("i", 1)), "7");
}

// Several workloads, read by hand.
class ScrapedFleet : public testing::Test {
 protected:
  void read(std::span<const WorkloadQuery> queries, Instant now) {
    answers.assign(queries.size(), Signals(1));
    errors.clear();
    clock = now;
    source.read(queries, now, answers, errors);
  }
  std::string first(size_t query) const {
    const auto& readings = std::get<InstanceReadings>(answers[query][0].readings);
    return shown(readings[0].reading);
  }

  const std::string a = "a";
  const std::string b = "b";
  Instant clock = Scraped::kStart;
  std::vector<Signals> answers;
  std::vector<ReadError> errors;
  FakePoller* poller = new FakePoller;
  ScrapeSource source{std::unique_ptr<Poller>(poller), [this] { return clock; }, {}};
};

TEST_F(ScrapedFleet, WaitsForAnInstanceWithoutAnAddress) {
  const std::vector<SignalQuery> signals = {{gauge("g")}};
  const WorkloadQuery query{&a, signals, {{"i", ""}, {"j", "http://j"}}};
  read({&query, 1}, clock);
  ASSERT_THAT(poller->targets(), SizeIs(1));
  EXPECT_EQ(poller->targets()[0].url, "http://j");
  poller->answer_all([](const std::string&) { return FetchResponse{200, "g 1\n"}; });
  read({&query, 1}, clock);
  const auto& readings = std::get<InstanceReadings>(answers[0][0].readings);
  EXPECT_EQ(shown(readings[0].reading), "no_target");
  EXPECT_EQ(shown(readings[1].reading), "1");
  EXPECT_THAT(errors, IsEmpty());
}

TEST_F(ScrapedFleet, KeepsWorkloadsWithTheSameInstanceNamesApart) {
  const std::vector<SignalQuery> signals = {{rate("r")}};
  const std::vector<WorkloadQuery> queries = {{&a, signals, {{"i", "http://a"}}},
                                              {&b, signals, {{"i", "http://b"}}}};
  for (const int counter : {0, 1}) {
    read(queries, Scraped::kStart + seconds(5 * counter));
    poller->answer_all([&](const std::string& url) {
      const int step = url == "http://a" ? 10 : 100;
      return FetchResponse{200, "r " + std::to_string(step * counter) + "\n"};
    });
  }
  read(queries, clock);
  EXPECT_EQ(first(0), "2");
  EXPECT_EQ(first(1), "20");
}

TEST_F(ScrapedFleet, TellsThePollerOnlyOfChanges) {
  const std::vector<SignalQuery> signals = {{gauge("g")}};
  std::vector<WorkloadQuery> queries = {{&a, signals, {{"i", "http://a"}}},
                                        {&b, signals, {{"i", "http://b"}}}};
  read(queries, clock);
  read(queries, clock);
  EXPECT_EQ(poller->orders, 1);
  queries.pop_back();
  read(queries, clock);
  EXPECT_EQ(poller->orders, 2);
  EXPECT_THAT(poller->targets(), SizeIs(1));
  queries[0].targets.edit()[0].url = "http://elsewhere";
  read(queries, clock);
  EXPECT_EQ(poller->orders, 3);
  EXPECT_EQ(first(0), "too_few_samples");  // what the old address said is not of this one
}

TEST(ScrapeSource, WaitsForTheFirstAnswersAndNeverAgain) {
  Scraped shop({gauge("g")});
  shop.read(0);
  EXPECT_EQ(shop.poller->waits, 0);  // there is nobody to wait for
  shop.serves("i", "g 1\n");
  shop.poller->on_wait = [&] { shop.answer_at(Scraped::kStart + milliseconds(300)); };
  shop.read(0);
  EXPECT_EQ(shop.poller->waits, 1);
  EXPECT_EQ(shown(shop.reading("i")), "1");
  // It came after the tick's `now`, and nothing is read in the future.
  EXPECT_EQ(std::get<Measured>(shop.reading("i")).at, Scraped::kStart);
  shop.serves("j", "g 2\n");
  shop.read(5);
  EXPECT_EQ(shop.poller->waits, 1);
  EXPECT_EQ(shown(shop.reading("j")), "too_few_samples");
  EXPECT_EQ(detail_of(shop.reading("j")), "not scraped yet");
  EXPECT_THAT(shop.errors, IsEmpty());
}

TEST(ScrapeSource, AnAnswerGrowsOldUntilTheNext) {
  Scraped shop({gauge("g"), rate("r")});
  shop.serves("i", "g 1\nr 10\n");
  shop.scrape(0);
  shop.serves("i", "g 2\nr 30\n");
  shop.scrape(4);
  shop.read(60);
  const auto& number = std::get<Measured>(shop.reading("i", 0));
  EXPECT_EQ(number.at, Scraped::kStart + seconds(4));
  const auto& per_second = std::get<Measured>(shop.reading("i", 1));
  EXPECT_EQ(per_second.at, Scraped::kStart + seconds(4));
  EXPECT_EQ(per_second.window, Duration(seconds(4)));
  EXPECT_EQ(shown(per_second), "5");
}

TEST(ScrapeSource, RatesAreTakenOverTheTimesOfTheAnswers) {
  Scraped shop({rate("r")});
  shop.serves("i", "r 0\n");
  shop.scrape(0);
  shop.serves("i", "r 30\n");
  shop.answer_at(Scraped::kStart + seconds(3));
  shop.read(5);
  EXPECT_EQ(shown(shop.reading("i")), "10");  // and not 6, which the ticks' times would give
}

TEST(ScrapeSource, AsksLessOftenWhoHangs) {
  Scraped shop({gauge("g")});
  shop.answers("hanging", Error{Code::kTimeout, "late"});
  shop.answers("refusing", Error{Code::kUnavailable, "refused"});
  shop.serves("good", "g 1\n");
  for (int64_t second = 0; second < 200; second += 5) shop.scrape(second);
  EXPECT_EQ(shop.asked["good"], 40);
  EXPECT_EQ(shop.asked["refusing"], 40);  // which costs nothing, and it may be starting
  EXPECT_GE(shop.asked["hanging"], 3 + 36 / 4);
  EXPECT_LE(shop.asked["hanging"], 3 + 36 / 2 + 1);
  const TargetCounts counts = shop.counts();
  EXPECT_EQ(counts.good, 1);
  EXPECT_EQ(counts.failing, 1);
  EXPECT_EQ(counts.paused, 1);
  EXPECT_EQ(counts.waiting, 0);
  shop.serves("hanging", "g 2\n");
  for (int64_t second = 200; second < 220; second += 5) shop.scrape(second);
  EXPECT_EQ(shown(shop.reading("hanging")), "2");  // within four intervals
  EXPECT_EQ(shop.counts().good, 2);
}

ScrapeRead from(ScrapeRead read, ScrapeTargets targets) {
  read.from = std::move(targets);
  return read;
}

TEST(ScrapeSource, ReadsListedTargetsBesideTheInstances) {
  Scraped shop({gauge("g"), from(gauge("q"), UrlList{{"http://y", "http://x"}}),
                from(gauge("p"), UrlList{{"http://y", "http://x"}})});
  shop.serves("i", "g 1\nq 9\n");
  shop.read(0);
  ASSERT_THAT(shop.poller->targets(), SizeIs(3));
  shop.poller->answer_all([](const std::string& url) {
    return FetchResponse{200, url == "http://x" ? "q 3\np 4\n" : "g 1\nq 9\np 9\n"};
  });
  shop.read(0);
  EXPECT_EQ(shown(shop.reading("i", 0)), "1");
  const auto& listed = std::get<InstanceReadings>(shop.signal(1).readings);
  ASSERT_THAT(listed, SizeIs(2));
  EXPECT_EQ(listed[0].instance, "http://x");
  EXPECT_EQ(shown(listed[0].reading), "3");
  EXPECT_EQ(shown(listed[1].reading), "9");
  EXPECT_EQ(shown(shop.reading("http://x", 2)), "4");
}

TEST(ScrapeSource, FollowsAFileOfTargets) {
  const TempDirectory folder;
  const std::string file = folder.path() + "/targets.json";
  const auto write = [&](const std::string& text) {
    std::ofstream(file + ".new") << text;
    std::filesystem::rename(file + ".new", file);
  };
  Scraped shop({from(gauge("g"), TargetList{file})});
  shop.read(0);
  EXPECT_EQ(shown(std::get<Reading>(shop.signal().readings)), "no_target");
  ASSERT_THAT(shop.errors, SizeIs(1));
  EXPECT_EQ(shop.errors[0].instance, file);
  EXPECT_THAT(shop.errors[0].detail, HasSubstr("cannot be read: No such file"));

  write(R"([{"targets": ["h:1", "h:2"]}])");
  shop.read(5);
  EXPECT_THAT(shop.errors, IsEmpty());
  ASSERT_THAT(shop.poller->targets(), SizeIs(2));
  EXPECT_EQ(shop.poller->targets()[1].url, "http://h:2/metrics");

  write(R"([{"targets": ["h:1", 7]}])");
  shop.read(10);
  EXPECT_THAT(shop.poller->targets(), SizeIs(2));  // the last good list holds
  ASSERT_THAT(shop.errors, SizeIs(1));
  EXPECT_THAT(shop.errors[0].detail, HasSubstr("[0].targets[1]: expected an address"));

  write(R"([{"targets": ["h:3"]}])");
  shop.read(15);
  ASSERT_THAT(shop.poller->targets(), SizeIs(1));
  EXPECT_EQ(shop.poller->targets()[0].url, "http://h:3/metrics");
}

}  // namespace
}  // namespace autoscaler
