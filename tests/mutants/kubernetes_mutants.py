"""What keeps the API server and the sizes in it safe, broken on purpose; see mutants.py.

(name, file, what stands there, what stands there in the mutant, cases)
"""

TARGET = "kubernetes_test"
COMMAND = "{build}/tests/controller/kubernetes/kubernetes_test --gtest_filter="

CLIENT = "controller/kubernetes/api_client.cc"
WRITER = "controller/kubernetes/kubernetes_writer.cc"

RULES = [
    ("a size is written over whatever stands", WRITER, "{{\"metadata\", {{\"resourceVersion\", change.resource_version}}},", "{{\"metadata\", nlohmann::json::object()},", "*ASizeThatSomebodyElse*/Fake"),
    ("a size that stands is written", WRITER, "  if (change.from == change.to) return Done{};", "", "*EachSizeIsOneRequest*"),
    ("an observation is older than our own write", "controller/kubernetes/kubernetes_writer.cc", "  if (scale.ok()) written_", "  if (false) written_", "*WritesTheSizeOfTheVersion*/Fake"),
    ("a write is sent twice", CLIENT, "  if (request.method != \"GET\") return false;", "", "*WaitsAsLongAsTheServerAsks*"),
    ("a 429 makes nobody wait", CLIENT, "if (error.reason == ApiReason::kTooManyRequests) pause(error);", "", "*WaitsAsLongAsTheServerAsks*"),
    ("a token that is over is sent for ever", CLIENT, "    credentials_.refused();", "", "*RunsThePluginAgain*"),
    ("any number of requests is in flight", CLIENT, "return in_flight_ < settings_.in_flight;", "return true;", "*HasNoMoreInFlight*"),
    ("a version that is forgotten is asked for again", "controller/kubernetes/reflector.cc", "      version_.clear();", "", "*ListsAnew*"),
    ("what was known counts for ever", "controller/kubernetes/cache.h", "    if (problem_ && now_() - failing_since_ > patience) return *problem_;", "", "*WithoutTheServer*"),
    ("half a page is the whole list", "controller/kubernetes/reflector.cc", "  } while (!next.empty());", "  } while (false);", "*ListsInPages*"),
]

KUBERNETES_MUTANTS = [(name, file, before, after, TARGET, COMMAND + cases) for name, file, before, after, cases in RULES]
