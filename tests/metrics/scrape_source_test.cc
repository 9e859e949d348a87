#include "metrics/scrape_source.h"

#include "tests/base/raw_server.h"
#include "tests/metrics/scraped.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

TEST(ScrapeSource, ReadsAllInstancesInOneBatchOrderedById) {
  Scraped shop({gauge("m"), gauge("n")});
  shop.serves("b", "m 2\nn 20\n");
  shop.serves("a", "n 10\nm 1\n");
  shop.scrape(0);
  EXPECT_EQ(shop.batches, 1);
  const auto& readings = std::get<std::vector<InstanceReading>>(shop.signal(0).readings);
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
  EXPECT_EQ(shop.batches, 0);
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

TEST(ScrapeSource, WaitsForAnInstanceWithoutAnAddress) {
  std::string asked;
  ScrapeSource source([&](std::span<const FetchRequest> requests) {
    for (const FetchRequest& request : requests) asked += request.url + " ";
    return std::vector<Result<FetchResponse>>(requests.size(), FetchResponse{200, "g 1\n"});
  });
  const std::string workload = "shop";
  const std::vector<SignalQuery> signals = {{gauge("g")}};
  const WorkloadQuery query{&workload, signals, {{"a", ""}, {"b", "http://b"}}};
  std::vector<Signals> answers(1, Signals(1));
  std::vector<ReadError> errors;
  source.read({&query, 1}, Scraped::kStart, answers, errors);
  EXPECT_EQ(asked, "http://b ");
  const auto& readings = std::get<std::vector<InstanceReading>>(answers[0][0].readings);
  EXPECT_EQ(shown(readings[0].reading), "no_target");
  EXPECT_EQ(shown(readings[1].reading), "1");
  EXPECT_THAT(errors, IsEmpty());
}

TEST(ScrapeSource, KeepsWorkloadsWithTheSameInstanceNamesApart) {
  int counter = 0;
  ScrapeSource source([&](std::span<const FetchRequest> requests) {
    std::vector<Result<FetchResponse>> answers;
    for (const FetchRequest& request : requests) {
      const int step = request.url == "http://a" ? 10 : 100;
      answers.push_back(FetchResponse{200, "r " + std::to_string(step * counter) + "\n"});
    }
    ++counter;
    return answers;
  });
  const std::string a = "a";
  const std::string b = "b";
  const std::vector<SignalQuery> signals = {{rate("r")}};
  const std::vector<WorkloadQuery> queries = {{&a, signals, {{"i", "http://a"}}},
                                              {&b, signals, {{"i", "http://b"}}}};
  std::vector<ReadError> errors;
  std::vector<Signals> answers(2, Signals(1));
  for (int second : {0, 5}) {
    source.read(queries, Scraped::kStart + seconds(second), answers, errors);
  }
  const auto first = [&](size_t q) {
    return shown(std::get<std::vector<InstanceReading>>(answers[q][0].readings)[0].reading);
  };
  EXPECT_EQ(first(0), "2");
  EXPECT_EQ(first(1), "20");
}

// With the real Fetcher against servers that do not behave.
class HostileScrape : public testing::Test {
 protected:
  std::vector<std::string> scrape(const std::vector<std::string>& urls) {
    ScrapeSource source(FetchLimits{.deadline = milliseconds(2000), .body_bytes = 1u << 20});
    const std::string workload = "shop";
    const std::vector<SignalQuery> signals = {{gauge("g")}};
    WorkloadQuery query{&workload, signals, {}};
    for (size_t i = 0; i < urls.size(); ++i) query.targets.push_back({std::to_string(i), urls[i]});
    std::vector<Signals> answers(1, Signals(1));
    std::vector<ReadError> errors;
    source.read({&query, 1}, Scraped::kStart, answers, errors);
    std::vector<std::string> readings;
    for (const InstanceReading& r :
         std::get<std::vector<InstanceReading>>(answers[0][0].readings)) {
      readings.push_back(shown(r.reading));
    }
    return readings;
  }
};

TEST_F(HostileScrape, LeavesTheOthersAlone) {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  RawServer good([&](RawConnection& c) {
    while (c.read_request()) c.send(ok + "Content-Length: 4\r\n\r\ng 7\n");
  });
  RawServer endless([&](RawConnection& c) {
    c.read_request();
    if (!c.send(ok + "\r\n")) return;
    while (c.send("g{i=\"1\"} 1\n")) {
    }
  });
  RawServer silent([](RawConnection& c) { c.wait_until_closed(); });
  RawServer garbage([&](RawConnection& c) {
    c.read_request();
    c.send(ok +
           "Content-Length: 8\r\n\r\n\x7f"
           "ELF\x02\x01\x01\n");
  });
  RawServer no_http([](RawConnection& c) {
    c.read_request();
    c.send("g 7\n");
  });
  RawServer cut([&](RawConnection& c) {
    c.read_request();
    c.send(ok + "Content-Length: 100\r\n\r\ng 7\n");
  });
  RawServer cut_unnoticed([&](RawConnection& c) {
    c.read_request();
    c.send(ok + "\r\ng 7");  // of "g 70000": without a length only the missing newline tells
  });
  RawServer refusing([&](RawConnection& c) {
    c.read_request();
    c.send("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ng 7\n");
  });
  EXPECT_THAT(scrape({good.url(), endless.url(), silent.url(), garbage.url(), no_http.url(),
                      cut.url(), cut_unnoticed.url(), refusing.url(), "http://127.0.0.1:1/",
                      "file:///etc/passwd", good.url()}),
              ElementsAre("7", "too_large", "timeout", "malformed", "malformed", "unreachable",
                          "malformed", "bad_status", "unreachable", "malformed", "7"));
}

}  // namespace
}  // namespace autoscaler
