"""What keeps the API server and the sizes in it safe, broken on purpose; see mutants.py.

(name, file, what stands there, what stands there in the mutant, cases)
"""

TARGET = "kubernetes_test"
COMMAND = "{build}/tests/controller/kubernetes/kubernetes_test --gtest_filter="

ASKED = "controller/kubernetes/asked_scales.cc"
CAMPAIGN = "controller/kubernetes/campaign.cc"
CLIENT = "controller/kubernetes/api_client.cc"
EVENTS = "controller/kubernetes/scale_events.cc"
LEASE = "controller/kubernetes/lease.cc"
READER = "controller/kubernetes/kubernetes_reader.cc"
REPLICAS = "controller/kubernetes/replicas.cc"
WRITER = "controller/kubernetes/kubernetes_writer.cc"

RULES = [
    ("a size is written over whatever stands", WRITER, ",\n                          {\"resourceVersion\", change.resource_version}}},", "}},", "*ASizeThatSomebodyElse*/Fake"),
    ("a size does not say whose it is", WRITER, "{{\"name\", target.name},\n                          {\"namespace\"", "{{\"namespace\"", "*WritesTheSizeOfTheVersion*/Fake"),
    ("a size that stands is written", WRITER, "  if (change.from == change.to) return std::nullopt;", "", "*EachSizeIsOneRequest*"),
    ("an observation is older than our own write", "controller/kubernetes/kubernetes_writer.cc", "  if (scale.ok()) written_", "  if (false) written_", "*WritesTheSizeOfTheVersion*/Fake"),
    ("a target is found once and for ever", READER, "      if (each.listed_in != *list) {", "      if (each.listed_in == nullptr) {", "*SeesEveryChange*/Fake"),
    ("a target that is gone goes on claiming its pods", READER, "each.selector.reset();  // what is gone shares no pods with others", "", "*TargetsWithAPodInCommon*/Fake"),
    ("a server that hangs holds up the tick for each write", WRITER, "std::min(whole.left(), client_.deadline());", "std::max(whole.left(), client_.deadline());", "*AServerThatHangsHoldsUpTheWrites*/Fake"),
    ("a write is sent twice", CLIENT, "  if (request.method != \"GET\") return false;", "  if (request.method.empty()) return false;", "*WaitsAsLongAsTheServerAsks*"),
    ("a 429 makes nobody wait", CLIENT, "    if (error.reason == ApiReason::kTooManyRequests) pause(error);", "", "*WaitsAsLongAsTheServerAsks*"),
    ("a token that is over is sent for ever", CLIENT, "    credentials_.refused();", "", "*RunsThePluginAgain*"),
    ("an answer begins with what was in its room", CLIENT, "  answer.body.clear();\n  bool too_large", "  bool too_large", "*TakesTheRoom*/Fake"),
    ("any number of requests is in flight", CLIENT, "return in_flight_ < settings_.in_flight;", "return true;", "*HasNoMoreInFlight*"),
    ("a version that is forgotten is asked for again", "controller/kubernetes/reflector.cc", "      version_.clear();", "", "*ListsAnew*"),
    ("a watch that is ended at once counts as word of the server", "controller/kubernetes/reflector.cc", "if (!std::exchange(has_begun, true) && !ended_at_once_) into_", "if (!std::exchange(has_begun, true)) into_", "*AQuietWatch*"),
    ("a server that is busy costs the lead", CAMPAIGN, "  settings.longest_pause = std::chrono::duration_cast<milliseconds>(spec.duration) / 10;\n", "", "*ABusyServerDoesNotSilenceIt*/Fake"),
    ("what was known counts for ever", "controller/kubernetes/cache.h", "now_() - failing_since_ > patience", "now_() - failing_since_ > 1000 * patience", "*WithoutTheServer*"),
    ("a write is sent by one who does not lead", CLIENT, "    if (auto error = fenced(request, end)) return error;\n    const auto head", "    const auto head", "*WhetherOneLeadsIsAsked*"),
    ("a write goes on when the lease is over", CLIENT, "    if (left < until - now) until = now + left;\n", "    if (left < now - now) until = now + left;\n", "*AWriteIsCutOff*/Fake"),
    ("a server may silence us for an hour", CLIENT, "std::min(*error.retry_after, settings_.longest_pause);", "*error.retry_after;", "*IsNotSilenced*"),
    ("the time of a lease begins with the answer", LEASE, "    until_ = sent + ", "    until_ = elapsed_() + ", "*TheTimeOfALeaseBegins*/Fake"),
    ("a conflict over the lease is ignored", LEASE, "if (is_lost(answer.error->reason)) step_down();", "if (is_lost(ApiReason{})) step_down();", "*AConflictIsReadAgain*/Fake"),
    ("a successor does not wait", LEASE, "? 17 : 18) / 20", "? 14 : 18) / 20", "*ADeadLeaderHasCeased*/Fake"),
    ("a lease is as old as its first sight", LEASE, "  if (version != version_) seen_ = elapsed_();", "", "*ALeaderThatRenews*/Fake"),
    ("a lease is asked that is not the workload's", CAMPAIGN, "shard_of(workload, leases_.size())", "workload.size() % leases_.size()", "*AWorkloadIsLedByWho*/Fake"),
    ("the workload that is written for is not said", WRITER, "scale_of(change, target), {}, change.workload, most);", "scale_of(change, target), {}, change.workload.substr(0, 0), most);", "*OfWorkloadsThatAnotherLeads*/Fake"),
    ("whoever comes first takes a lease", LEASE, "  if (preference.is_first) return Nanoseconds{0};", "  if (preference.is_heir) return Nanoseconds{0};", "*WhoIsNotPreferredWaits*/Fake"),
    ("a successor looks as ever when the lease is due", LEASE, "  return due > Nanoseconds{0} ? std::min(next, due) : next;", "  return due > Nanoseconds{0} ? std::min(next, 100 * due) : next;", "*FollowedWithinTheLease*/Fake"),
    ("a mark is written over whatever stands", WRITER, "{{\"resourceVersion\", resource_version_of(pod)},", "{{\"generateName\", resource_version_of(pod)},", "*AMarkOfOneWho*/Fake"),
    ("whoever comes first follows the dead", LEASE, "? 17 : 18) / 20", "? 17 : 17) / 20", "*FollowedWithinTheLease*/Fake"),
    ("who hands a lease over leads on", LEASE, "  step_down();\n  handed_over_", "  handed_over_", "*AHolderGivesWay*/Fake"),
    ("a shard is handed over again and again", LEASE, "  return !handed_over_ || elapsed_() - *handed_over_ >= 10 * Nanoseconds(spec_.duration);", "  return true;", "*AHolderGivesWayOnce*/Fake"),
    ("a shard moves at once", REPLICAS, "elapsed_() - since_ >= 2 * Nanoseconds(spec_.duration)", "elapsed_() >= since_", "*AShardMovesWhen*/Fake"),
    ("a shard goes back to the dead", REPLICAS, "heard->second - led_since > spec_.renew", "heard->second > led_since", "*NothingGoesBackToTheDead*/Fake"),
    ("the dead are there for ever", REPLICAS, "    if (now - replica.seen < 2 * Nanoseconds(spec_.duration)) there", "    there", "*WhoIsSilentForTwoLeases*/Fake"),
    ("one who has not ticked is given a shard", CAMPAIGN, "[this] { return ticks_ > 0; }", "[] { return true; }", "*ShardsGoToOneThatComes*/Fake"),
    ("each change is a new Event", EVENTS, "note.at - sent.second.at >= kSame", "note.at >= sent.second.at", "*ChangesOfOneKind*/Fake"),
    ("what was left to the leader is an Event", EVENTS, "!result.skipped && !result.error", "!result.error", "*WhatWasNotWritten*/Fake"),
    ("a failed Event is an error each time", EVENTS, "    failing = error->error.message;", "", "*AFailureIsReportedOnce*/Fake"),
    ("a deleted lease takes the time of its holder", LEASE, "  if (is_stale_ || !version_.empty()) seen_ = elapsed_();\n", "  seen_ = elapsed_() - Nanoseconds(spec_.duration);\n", "*ADeletedLease*/Fake"),
    ("a stop ends no write that hangs", CLIENT, "const std::stop_token& stop = stop_of(own);", "const std::stop_token& stop = own;", "*AStopEndsWrites*/Fake"),
    ("each config lists everything again", "controller/kubernetes/followed.h", "if (auto stands = known.lock()) return", "if (auto stands = known.lock(); stands && settings.path.empty()) return", "*AReaderForTheNextConfig*/Fake"),
    ("half a page is the whole list", "controller/kubernetes/list_pages.cc", "  } while (!next.empty());", "  } while (false);", "*ListsInPages*"),
    ("a kind that nobody serves is listed", "controller/kubernetes/reflector.cc", "settings_.served_at.empty() || !is_absent(stop)", "true", "*ReadingAsksForNothing*"),
    ("pods of two targets are each one's own", READER, "        shared[*taker] = i;\n", "", "*TargetsWithAPodInCommon*/Fake"),
    ("a ScaledObject is not seen", READER, "  rivals.add(\"ScaledObject\", scaled_objects_->cache.objects(kLongPatience));", "", "*NamesAScaledObject*/Fake"),
    ("who comes to size a target too is not seen", READER, "!rivals.are_none() || ", "", "*NamesWhoElseSizes*/Fake"),
    ("who has sized a target too is seen for ever", READER, " || !target.seen->is_free()", "", "*NamesWhoElseSizes*/Fake"),
    ("a custom resource is asked for in each tick", ASKED, "    if (!stands) asked.push_back(each);", "    if (!stands || each->described) asked.push_back(each);", "*IsAskedForItsScaleOnce*/Fake"),
    ("a custom resource that has changed is not asked for", ASKED, "(*told)->resource_version == each->scale->resource_version;", "(*told)->name == each->scale->name;", "*IsAskedForItsScaleOnce*/Fake"),
    ("a pause of a custom resource comes after the first tick", ASKED, "    if (!is_for_good(told.error().code)) {", "    if (false && !is_for_good(told.error().code)) {", "*WhoseAnnotationsAreNotKnown*/Fake"),
    ("a reload lists custom resources again", READER, "      describe(each, *plural);\n", "", "*ForTheNextConfigIsNotListedAgain*/Fake"),
    ("whole custom resources are followed", "controller/kubernetes/reflector.cc", "settings_.metadata_only ? kAcceptMetadata : kAcceptJson", "kAcceptJson", "*IsFollowedByItsMetadataAlone*/Fake"),
    ("who may not see metadata asks again and again", "controller/kubernetes/reflector.cc", "is_refused && failures_ >= kHopes;", "is_refused && failures_ >= 100 * kHopes;", "*WhereMetadataIsForbidden*/Fake"),
    ("a write without an answer counts as none", WRITER, "    if (is_outcome_unknown(answer.error->error.code)) written_.lose(change.workload);\n", "", "*AWriteThatIsNotAnswered*/Fake"),
    ("what became of a lost write is read from the cache", READER, "  ask_for_lost(whole);  //", "  //", "*ASizeWhoseAnswerWasLost*/Fake"),
    ("what became of a lost write need not be known", ASKED, "    if (!each.unseen && lost.contains(each.workload)) asked", "    if (false) asked", "*AWriteThatIsNotAnswered*/Fake"),
    ("who cannot announce itself is silent", CAMPAIGN, "    if (!all.back().error) all.back().error = silent;\n", "", "*WithoutTheRightToItsReplicas*/Fake"),
    ("what is left is given up at the first refusal", "controller/kubernetes/kubernetes_succession.cc", "refusals <= kHopes", "refusals < 1", "*AServerThatRefusesAtItsStart*/Fake"),
    ("what is left is asked for again for ever", "controller/kubernetes/kubernetes_succession.cc", "refusals <= kHopes", "refusals > 0", "*WithoutTheRightItIsSaidOnce*/Fake"),
    ("one refused object hides all others", "controller/kubernetes/left_objects.cc", "      refused = error;\n      continue;\n", "      return error;\n", "*OneRefusedObjectHidesNoOther*/Fake"),
    ("a refusal is said once for ever", "controller/kubernetes/kubernetes_succession.cc", " && now - said.written < kHeartbeat) continue;", ") continue;", "*ARefusalThatCouldNotBeWritten*/Fake"),
    ("the second outage is silent", "controller/kubernetes/state_map.cc", "true)) report_(error->error);", "true)) report_once(error->error);", "*EachOutageIsSaidOnce*/Fake"),
    ("a pause that the server asks for is want of turns", CLIENT, "  if (!at && is_held) {", "  if (!at && is_held && false) {", "*WhatIsNotSentInAPause*/Fake"),
    ("who may not see other autoscalers writes", READER, "    if (!all && !unknown) unknown = all.error();", "", "*WithoutTheRightToSee*/Fake"),
]

KUBERNETES_MUTANTS = [(name, file, before, after, TARGET, COMMAND + cases) for name, file, before, after, cases in RULES]
KUBERNETES_MUTANTS.append((
    "a list that somebody reads is changed",
    "controller/kubernetes/cache.h",
    "if (std::exchange(is_read_, false)) records_",
    "if (std::exchange(is_read_, false) && false) records_",
    "kubernetes_parse_test",
    "{build}/tests/controller/kubernetes/kubernetes_parse_test --gtest_filter=ObjectCacheTest.AListThatWasRead*",
))
KUBERNETES_MUTANTS.append((
    "what comes after the end of a call holds up all others",
    "base/rest_exchange.cc",
    "  pplx::task<void> close(std::ios_base::openmode) override {\n    m_stream_can_write = false;\n    return pplx::task_from_result();\n  }\n",
    "",
    "rest_client_test",
    "timeout 60 {build}/tests/base/rest_client_test --gtest_filter=*WhatComesAfterTheEnd*",
))
KUBERNETES_MUTANTS.append((
    "a short answer wakes its reader thrice",
    "base/rest_exchange.h",
    "head_->length > 0 && head_->length < kHeldBytes",
    "head_->length > kHeldBytes && head_->length < kHeldBytes",
    "rest_client_test",
    "{build}/tests/base/rest_client_test --gtest_filter=*AnnouncedAsAShortOne*",
))
